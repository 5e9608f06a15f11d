// What a page that waits for its payer does by itself: it counts down, and
// loads anew when somebody answered elsewhere or the time is up. Without it the
// payer reloads by hand, except where the bank is waited for.
"use strict";

(() => {
  const live = document.getElementById("live");
  const clock = document.getElementById("time-left");
  const here = live.dataset.state || "open"; // what this page is for
  let deadline = performance.now() + Number(live.dataset.seconds) * 1000;

  const two = (n) => String(n).padStart(2, "0");

  function show() {
    if (!clock) return; // days are left
    const s = Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
    const hours = Math.floor(s / 3600);
    const minutes = Math.floor(s / 60) % 60;
    clock.textContent = (hours ? hours + ":" : "") + two(minutes) + ":" + two(s % 60);
  }

  async function look() {
    try {
      const answer = await fetch(live.dataset.stateUrl, { cache: "no-store" });
      if (!answer.ok) return;
      const now = await answer.json();
      if (now.state !== here) {
        location.replace(location.pathname);
        return;
      }
      deadline = performance.now() + now.seconds_left * 1000;
    } catch {
      // No network: the next look may have one.
    }
  }

  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", () => {
      for (const button of form.querySelectorAll("button")) button.disabled = true;
    });
  }
  // Coming back through the browser's history must not show a dead button.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-once] button")) button.disabled = false;
  });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
  setInterval(show, 1000);
  setInterval(() => { if (!document.hidden) look(); }, 3000);
})();
