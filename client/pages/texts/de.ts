/** The words of the service's own pages, in German. */

import type { Texts } from "./en";

export const de: Texts = {
  closeWindow: "Fenster schließen",
  tryAgain: "Noch einmal versuchen",
  copied: "Kopiert.",
  copyFailed: "Kopieren war nicht erlaubt. Markieren und kopieren Sie den Text selbst.",
  serviceGone: "Flatbed antwortet nicht. Vielleicht wurde es beendet; diese Seite sucht weiter.",

  scan: {
    title: "Flatbed",
    status: "Status",
    views: "Teile dieser Seite",
    viewScan: "Scannen",
    viewPages: "Seiten",
    viewPage: "Seite",
    waits: "Der Scanner wartet auf Sie",
  },

  consent: {
    title: "Darf diese Seite scannen?",
    loading: "Flatbed wird gefragt …",
    callsItself: (name) => `Sie nennt sich „${name}“.`,
    notEncrypted:
      "Diese Seite kam über eine unverschlüsselte Verbindung. Andere im Netz können sie verändert haben.",
    otherLetters:
      "Der Teil mit „xn--“ steht für Buchstaben außerhalb von a bis z. Erlauben Sie ihn nur, wenn Sie die Adresse kennen.",
    codeLabel: "Ihr Code",
    codeAdvice:
      "Die fragende Seite zeigt denselben Code. Zeigt sie einen anderen, wählen Sie Sperren.",
    wants: "Sie möchte",
    wantsScan: "mit den Scannern dieses Computers scannen",
    wantsDocuments: "die Dokumente sehen und ändern, die sie hier anlegt, und keine anderen",
    wantsAddon: (name) => `die Erweiterung ${name} benutzen`,
    addonUnusable: {
      disabled: (name) =>
        `die Erweiterung ${name} benutzen, die auf diesem Computer ausgeschaltet ist`,
      unfit: (name) =>
        `die Erweiterung ${name} benutzen, die es auf diesem Computer in keiner passenden Version gibt`,
      missing: (name) =>
        `die Erweiterung ${name} benutzen, die auf diesem Computer nicht installiert ist`,
    },
    once: "Einmal erlauben",
    onceMeans: "bis Flatbed beendet wird",
    always: "Immer erlauben",
    alwaysMeans: "bis Sie es auf der Statusseite widerrufen",
    block: "Sperren",
    blockMeans: "die Seite kann nicht noch einmal fragen",
    deadUnfocused: "Klicken Sie zuerst in dieses Fenster.",
    sending: "Flatbed wird benachrichtigt …",
    grantedTitle: "Erlaubt",
    grantedOnce: (origin) =>
      `${origin} darf scannen, bis Flatbed beendet wird. Gehen Sie zurück zur Seite.`,
    grantedAlways: (origin) =>
      `${origin} darf scannen, bis Sie es widerrufen. Gehen Sie zurück zur Seite.`,
    blockedTitle: "Gesperrt",
    blocked: (origin) =>
      `${origin} darf nicht scannen. Auf der Statusseite von Flatbed lässt sich das aufheben.`,
    elsewhereTitle: "Schon entschieden",
    elsewhere: "Diese Anfrage ist schon beantwortet. Die Statusseite zeigt, wer scannen darf.",
    expiredTitle: "Zu spät",
    expired: "Einige Minuten lang kam keine Antwort. Fragen Sie auf der Seite noch einmal.",
    unknownTitle: "Nichts zu entscheiden",
    unknown:
      "Flatbed kennt diese Anfrage nicht; vielleicht ist sie vorbei. Fragen Sie auf der Seite noch einmal.",
    goneTitle: "Flatbed antwortet nicht",
    gone: "Vielleicht wurde es beendet. Starten Sie Flatbed und versuchen Sie es noch einmal.",
    failedTitle: "Das ging nicht",
    failed: (sentence) => `${sentence} Versuchen Sie es noch einmal.`,
    closesItself: "Dieses Fenster schließt sich von selbst.",
    closeYourself: "Sie können dieses Fenster jetzt schließen.",
    openStatus: "Statusseite öffnen",
  },

  status: {
    title: "Flatbed – Status",
    version: (version) => `Version ${version}`,
    connected: "Läuft",
    runningSince: (when) => `seit ${when}`,
    disconnected: "Antwortet nicht",
    loading: "Flatbed wird gefragt …",
    sectionFailed: (sentence) => `Das ließ sich nicht lesen: ${sentence}`,

    asks: "Wartet auf Ihre Antwort",
    ask: (origin) => `${origin} möchte scannen.`,
    decide: "Ansehen und entscheiden",

    scanners: "Scanner",
    noScanners: "Kein Scanner gefunden. Einschalten, anschließen, dann noch einmal suchen.",
    lookAgain: "Noch einmal suchen",
    looking: "Scanner werden gesucht …",
    testScan: "Testscan",
    testScanOf: (name) => `Testscan mit ${name}`,
    cancelTest: "Abbrechen",
    testRunning: "Eine Seite wird gescannt …",
    testDone: (width, height, seconds) =>
      `Es geht: ${width} × ${height} Pixel in ${seconds} s. Das Bild wird nicht aufbewahrt.`,
    testEmpty:
      "Der Scanner hat keine Seite geschickt. Papier einlegen, dann noch einmal versuchen.",
    testCanceled: "Der Testscan wurde abgebrochen.",
    testPicture: (name) => `Die Seite, die ${name} eben gescannt hat`,

    jobs: "Scanaufträge",
    noJobs: "Keine Scanaufträge. Jeder steht hier vom Start bis zum Löschen.",
    jobStates: {
      pending: "wartet auf den Start",
      running: "scannt",
      paused: "angehalten",
      completed: "fertig",
      faulted: "fehlgeschlagen",
      canceled: "abgebrochen",
    },
    pages: (count) => (count === 1 ? "1 Seite" : `${count} Seiten`),
    byPrograms: "ein Programm auf diesem Computer",
    cancelJob: "Abbrechen",
    cancelJobOf: (scanner) => `Auftrag an ${scanner} abbrechen`,

    recovered: "Gerettete Seiten",
    recoveredWhy: "Diese Scans hat ein Absturz unterbrochen. Ihre Seiten sind sicher.",
    recoveredDocument: "Dokument",
    recoveredJob: "Scanauftrag",
    keep: "Behalten",
    remove: "Löschen",
    removeSure: "Endgültig löschen",
    removeNot: "Nicht löschen",
    kept: "Behalten.",
    removed: "Gelöscht.",

    origins: "Wer scannen darf",
    originsWhy:
      "Webseiten, die Sie zugelassen haben. Programme auf diesem Computer brauchen keine Erlaubnis.",
    noOrigins:
      "Noch wurde keine Webseite zugelassen. Eine Seite fragt, wenn Sie zum ersten Mal mit ihr scannen.",
    originStates: {
      once: "erlaubt, bis Flatbed beendet wird",
      always: "immer erlaubt",
      blocked: "gesperrt",
      configured: "von der Konfiguration erlaubt",
    },
    callsItself: (name) => `nennt sich „${name}“`,
    lastUsed: (when) => `zuletzt ${when} benutzt`,
    usedNow: "soeben benutzt",
    neverUsed: "noch nicht benutzt",
    revoke: "Widerrufen",
    revokeOf: (origin) => `${origin} widerrufen`,
    unblock: "Entsperren",
    unblockOf: (origin) => `${origin} entsperren`,
    revoked: (origin) => `${origin} darf nicht mehr scannen.`,
    unblocked: (origin) => `${origin} darf wieder fragen.`,

    addons: "Erweiterungen",
    addonStates: {
      idle: "bereit",
      running: "in Gebrauch",
      resting: "ruht nach Abstürzen",
      disabled: "ausgeschaltet",
      broken: "defekt",
    },
    addonWhere: {
      core: "Teil von Flatbed",
      environment: "neben Flatbed installiert",
      installed: "mit flatbed addons installiert",
    },
    addonBrings: "Bringt",
    addonReads: "Liest",
    addonWrites: "Schreibt",
    addonOff: "Zum Ausschalten diesen Befehl ausführen:",
    addonOn: "Zum Einschalten diesen Befehl ausführen:",
    addonMend: "Was ihr fehlt, zeigt dieser Befehl:",
    copy: "Kopieren",
    copyCommand: (command) => `Befehl ${command} kopieren`,

    storage: "Speicher",
    disk: "Frei auf dem Datenträger",
    diskOf: (free, total) => `${free} von ${total}`,
    diskUsed: (percent) => `${percent} des Datenträgers sind belegt`,
    buffer: "Im Puffer",
    bufferOf: (pages, bytes) => `${pages}, ${bytes}`,
    folder: "Datenordner",
    ports: "Ports",
    check: "Gespeichertes prüfen",
    checking: "Gespeichertes wird mit dem Verzeichnis verglichen …",
    checkWhole: (pages) => `Alles in Ordnung: ${pages} geprüft.`,
    checkDamaged: (count) =>
      `${count === 1 ? "1 Datei ist" : `${count} Dateien sind`} beschädigt. Abhilfe: flatbed doctor --deep`,
    checkIndex: "Das Verzeichnis ist beschädigt. Abhilfe: flatbed doctor --deep",

    log: "Protokoll",
    logLevel: "Wie viel protokolliert wird",
    logLevels: {
      0: "Nur Fehler",
      1: "Ereignisse",
      30: "Alles",
    },
    logUntil: "Gilt, bis Flatbed beendet wird.",
    logChanged: "Geändert.",

    report: "Bericht für den Support",
    reportWhy:
      "Was auf dieser Seite steht, als Text: keine gescannten Seiten, keine Datei- oder Ordnernamen.",
    copyReport: "Bericht kopieren",
    reportText: "Der Bericht",
  },
};
