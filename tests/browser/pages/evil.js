// Every way in that a page has without asking; what became of each is in `window.seen`.
const base = `http://127.0.0.1:${new URLSearchParams(location.search).get("port")}`;
const jobs = `${base}/api/device/scanners/jobs`;
const order = JSON.stringify({ config: { IfFeederEnabled: true } });

function loads(tag, attribute, url) {
  return new Promise((resolve) => {
    const element = document.createElement(tag);
    element.addEventListener("load", () => resolve("loaded"));
    element.addEventListener("error", () => resolve("refused"));
    element[attribute] = url;
    if (tag === "link") element.rel = "stylesheet";
    document.body.append(element);
  });
}

async function fetched(url, init) {
  try {
    const answer = await fetch(url, init);
    return answer.type === "opaque" ? "opaque" : answer.status;
  } catch {
    return "refused";
  }
}

function socket(url) {
  return new Promise((resolve) => {
    const opened = new WebSocket(url);
    opened.addEventListener("open", () => resolve("opened"));
    opened.addEventListener("error", () => resolve("refused"));
  });
}

function framed(url) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    frame.addEventListener("load", () => {
      // A page that was refused shows the browser's own, which nobody may look into either.
      resolve(frame.contentWindow.length);
    });
    frame.src = url;
    document.body.append(frame);
  });
}

function posted(enctype) {
  const form = document.createElement("form");
  form.action = jobs;
  form.method = "POST";
  form.enctype = enctype;
  form.target = "hidden";
  const field = document.createElement("input");
  field.name = '{"config": {"IfFeederEnabled": true}, "x": "';
  field.value = '"}';
  form.append(field);
  document.body.append(form);
  const done = new Promise((resolve) => {
    document.querySelector("iframe[name=hidden]").addEventListener("load", () => resolve("sent"), {
      once: true,
    });
  });
  form.submit();
  return done;
}

window.seen = {
  forms: [await posted("text/plain"), await posted("application/x-www-form-urlencoded")],
  image: await loads("img", "src", `${base}/api/device/scanners`),
  script: await loads("script", "src", `${base}/api/openapi.json`),
  style: await loads("link", "href", `${base}/api/openapi.json`),
  read: await fetched(`${base}/api/device/scanners`),
  plain: await fetched(jobs, { method: "POST", body: order, mode: "no-cors" }),
  json: await fetched(jobs, {
    method: "POST",
    body: order,
    headers: { "Content-Type": "application/json" },
  }),
  grant: await fetched(`${base}/api/origins`, {
    method: "POST",
    body: JSON.stringify({ origin: location.origin, state: "always" }),
    headers: { "Content-Type": "application/json" },
  }),
  socket: await socket(`${base.replace("http", "ws")}/api/events`),
  frames: [await framed(`${base}/status`), await framed(`${base}/api/hello`)],
  hello: await fetched(`${base}/api/hello`),
};
