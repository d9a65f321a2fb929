/** What the person reads, in English and German; a page's author can replace each of them. */

const ENGLISH = {
  /** Stands in the others for `{product}`. */
  product: "Flatbed",

  checking: "Looking for {product} on this computer.",
  connect: "Your browser will ask whether this page may reach apps on this device. Choose Allow.",
  asking: "Your browser is asking whether this page may reach apps on this device. Choose Allow.",
  dismissed: "The browser's question was closed without an answer. Connect again and choose Allow.",
  denied:
    "Your browser keeps this page from {product}. Allow apps on this device in the settings beside the address, then connect again.",
  framed: "The page around this one keeps it from {product}. Open it in a window of its own.",
  insecure: "Your browser lets only pages with https reach {product}. Open this page with https.",
  stopped: "{product} is not running. Start it; this page then connects by itself.",
  missing:
    "{product} is not installed on this computer. Install it; this page then connects by itself.",
  nowhere: "There is no {product} for this device. Use a computer with Linux, Windows or macOS.",
  tooOld: "{product} {version} on this computer is too old for this page. Update {product}.",
  tooNew:
    "This page is too old for {product} {version} on this computer. Reload it, or tell whoever runs it.",
  unfit: "{product} on this computer lacks an add-on that this page uses.",
  foreign:
    "{product} is in use by another user of this computer. Start it for yourself, then connect again.",
  consent: "{product} needs your OK before this page may scan.",
  waiting: "Allow this page in the window of {product}. The code there must be {code}.",
  refused: "This page was blocked in {product}. Unblock it on the status page of {product}.",
  expired: "The question in {product} was not answered. Ask again.",
  ready: "{product} is ready.",

  doConnect: "Connect",
  doReconnect: "Connect again",
  doDetach: "Open in a new window",
  doInstall: "Install {product}",
  doUpdate: "Update {product}",
  doReload: "Reload this page",
  doAsk: "Ask {product}",
  doShow: "Open the window",
  doStatus: "Open the status page",

  consentWindow: "{product}: one moment, please.",
};

/** Every text; `{product}`, `{version}` and `{code}` are filled in. */
export type Texts = Readonly<Record<keyof typeof ENGLISH, string>>;

const GERMAN: Partial<Texts> = {
  checking: "{product} wird auf diesem Computer gesucht.",
  connect:
    "Ihr Browser fragt gleich, ob diese Seite Apps auf diesem Gerät erreichen darf. Wählen Sie „Zulassen“.",
  asking:
    "Ihr Browser fragt, ob diese Seite Apps auf diesem Gerät erreichen darf. Wählen Sie „Zulassen“.",
  dismissed:
    "Die Frage des Browsers blieb ohne Antwort. Verbinden Sie erneut und wählen Sie „Zulassen“.",
  denied:
    "Ihr Browser trennt diese Seite von {product}. Erlauben Sie Apps auf diesem Gerät in den Einstellungen neben der Adresse und verbinden Sie erneut.",
  framed:
    "Die Seite außen herum trennt diese von {product}. Öffnen Sie sie in einem eigenen Fenster.",
  insecure:
    "Ihr Browser lässt nur Seiten mit https zu {product}. Öffnen Sie diese Seite mit https.",
  stopped: "{product} läuft nicht. Starten Sie es; diese Seite verbindet sich dann von selbst.",
  missing:
    "{product} ist auf diesem Computer nicht installiert. Installieren Sie es; diese Seite verbindet sich dann von selbst.",
  nowhere:
    "Für dieses Gerät gibt es {product} nicht. Nehmen Sie einen Computer mit Linux, Windows oder macOS.",
  tooOld:
    "{product} {version} auf diesem Computer ist zu alt für diese Seite. Aktualisieren Sie {product}.",
  tooNew:
    "Diese Seite ist zu alt für {product} {version} auf diesem Computer. Laden Sie sie neu oder wenden Sie sich an den Betreiber.",
  unfit: "{product} auf diesem Computer fehlt ein Add-on, das diese Seite benutzt.",
  foreign:
    "{product} wird von jemand anderem an diesem Computer benutzt. Starten Sie es selbst und verbinden Sie erneut.",
  consent: "{product} braucht Ihre Zustimmung, bevor diese Seite scannen darf.",
  waiting: "Erlauben Sie diese Seite im Fenster von {product}. Der Code dort muss {code} sein.",
  refused:
    "Diese Seite wurde in {product} gesperrt. Geben Sie sie auf der Statusseite von {product} frei.",
  expired: "Die Frage in {product} blieb ohne Antwort. Fragen Sie erneut.",
  ready: "{product} ist bereit.",

  doConnect: "Verbinden",
  doReconnect: "Erneut verbinden",
  doDetach: "In neuem Fenster öffnen",
  doInstall: "{product} installieren",
  doUpdate: "{product} aktualisieren",
  doReload: "Seite neu laden",
  doAsk: "{product} fragen",
  doShow: "Fenster öffnen",
  doStatus: "Statusseite öffnen",

  consentWindow: "{product}: einen Augenblick, bitte.",
};

/**
 * The texts for a person.
 *
 * @param languages - BCP 47 tags, the most wanted first; the first that is known counts.
 * @param own - Texts of the page's author, over those.
 */
export function textsFor(languages: readonly string[], own: Partial<Texts> = {}): Texts {
  const known = languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "de" || tag === "en");
  return { ...ENGLISH, ...(known === "de" ? GERMAN : {}), ...own };
}

/** A text with its values; those that are not known stay empty. */
export function fill(texts: Texts, name: keyof Texts, values: Values = {}): string {
  const all: Values = { product: texts.product, ...values };
  return texts[name].replace(/\{(\w+)\}/g, (_, key: string) => all[key] ?? "");
}

/** What stands in a text for `{name}`. */
export type Values = Readonly<Record<string, string>>;
