// A page of the console brings itself up to date: the server says when there is
// something newer, and the part of the page that shows it is fetched and put in
// place. Without this the page is as it was when it was loaded.
"use strict";

(() => {
  const region = () => document.getElementById("live");
  if (!region()?.dataset.live) return;
  const note = document.getElementById("live-note");
  const say = (what) => {
    note.textContent = note.dataset[what] || "";
    note.dataset.now = what;
  };

  // Somebody who types, or has opened something, is not disturbed.
  const busy = () => {
    const at = document.activeElement;
    return region().contains(at) && at.matches("input, select, textarea");
  };

  let under = false;
  let again = false;

  async function refresh() {
    if (under || document.hidden || busy()) {
      again = true;
      if (busy()) say("newer");
      return;
    }
    under = true;
    again = false;
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.redirected || !answer.ok) {
        location.reload();
        return;
      }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      if (!fresh) return;
      put(fresh);
      say("yes");
    } catch {
      // No network: the stream comes back, and says it again.
    } finally {
      under = false;
      if (again) refresh();
    }
  }

  // put replaces what is shown, and gives back the focus and what was unfolded.
  function put(fresh) {
    const old = region();
    const open = [...old.querySelectorAll("details[open][id]")].map((d) => d.id);
    const at = document.activeElement;
    const id = old.contains(at) ? at.id : "";
    const href = old.contains(at) ? at.getAttribute("href") : null;
    old.replaceWith(document.adoptNode(fresh));
    for (const one of open) document.getElementById(one)?.setAttribute("open", "");
    const next = (id && document.getElementById(id)) ||
      (href && [...region().querySelectorAll("a")].find((a) => a.getAttribute("href") === href));
    if (next) next.focus({ preventScroll: true });
  }

  let source;

  function listen() {
    source = new EventSource(region().dataset.live);
    source.addEventListener("open", () => say("yes"));
    source.addEventListener("changed", refresh);
    source.addEventListener("over", () => {
      source.close();
      location.reload();
    });
    source.addEventListener("error", () => {
      say("lost");
      // The browser comes back by itself, unless it was turned away.
      if (source.readyState === EventSource.CLOSED) setTimeout(comeBack, 2000);
    });
  }

  // comeBack finds out whether the page may still be seen; if not, loading it
  // anew leads to where one signs in.
  async function comeBack() {
    await refresh();
    listen();
  }

  listen();
  document.addEventListener("visibilitychange", () => { if (!document.hidden && again) refresh(); });
  document.addEventListener("focusout", () => setTimeout(() => { if (again) refresh(); }));
  addEventListener("pagehide", () => source.close());
})();
