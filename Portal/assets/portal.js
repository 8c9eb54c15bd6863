// Makes pages that work without it a little more convenient.

// Times in the reader's own zone, with the offset in the tooltip.
const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const named = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
function localTimes(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const at = new Date(element.dateTime);
    if (isNaN(at)) continue;
    element.title = `${named.format(at)} (${element.dateTime})`;
    element.textContent = local.format(at);
  }
}
localTimes(document);

// The menu: open where there is room, closed with Escape where there is none.
const menu = document.querySelector(".menu");
if (menu) {
  const wide = matchMedia("(min-width: 62rem)");
  const fit = () => { menu.open = wide.matches; };
  fit();
  wide.addEventListener("change", fit);
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !wide.matches) { menu.open = false; menu.querySelector("summary").focus(); }
  });
}

// What cannot be undone is asked for again.
for (const form of document.querySelectorAll("form[data-confirm]")) {
  form.addEventListener("submit", (event) => { if (!confirm(form.dataset.confirm)) event.preventDefault(); });
}

// A form that was sent is not sent twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Fields that belong to one choice only.
for (const part of document.querySelectorAll("[data-when]")) {
  const [name, value] = part.dataset.when.split("=");
  const inputs = [...document.querySelectorAll(`input[name="${name}"]`)];
  const show = () => { part.hidden = inputs.find((input) => input.checked)?.value !== value; };
  inputs.forEach((input) => input.addEventListener("change", show));
  show();
}

// Tick all, tick none.
for (const element of document.querySelectorAll("[data-needs-script]")) element.hidden = false;
for (const [attribute, ticked] of [["tick", true], ["untick", false]]) {
  for (const button of document.querySelectorAll(`[data-${attribute}]`)) {
    button.addEventListener("click", () => {
      for (const box of button.form.querySelectorAll(`input[name="${button.dataset[attribute]}"]`)) box.checked = ticked;
    });
  }
}

// A part of the page that changes while an event goes on.
const live = document.querySelector("[data-refresh]");
if (live) {
  setInterval(async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(live.dataset.refresh, { headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById(live.id);
      if (!fresh) return;
      localTimes(fresh);
      if (fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes);
    } catch { /* The next round tries again. */ }
  }, 5000);
}
