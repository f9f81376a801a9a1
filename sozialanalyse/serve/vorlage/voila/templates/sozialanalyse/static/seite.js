// Pages under the plain command voila: says what is going on, takes away what a widget shows again, keeps the
// address in step with the controls, frees the kernel of a page that is left.
"use strict";
(() => {
  const state = document.getElementById("sn-stand");
  const places = [...document.querySelectorAll(".sn-widget")];
  const heading = document.querySelector("h1"), region = document.querySelector(".sa-region");
  if (heading) document.title = [heading, region].filter(Boolean).map((part) => part.textContent).join(" – ");
  const done = () => { state.textContent = document.querySelector(".sn-fehler") ? state.dataset.fehler : ""; };
  if (!places.length) {
    done();
    return;
  }
  state.textContent = state.dataset.bedienung;

  // Voilà says goodbye without the word its own server asks for, and its kernels would stay for good.
  const beacon = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (address, data) => {
    const word = document.cookie.match(/(?:^|; )_xsrf=([^;]+)/);
    return beacon(word ? `${address}?_xsrf=${word[1]}` : address, data);
  };

  const shown = (place) => place.querySelector(".jupyter-widgets");
  const follow = () => {
    const told = document.querySelector(".sn-widget [data-adresse]");
    if (told && told.dataset.adresse !== location.search) history.replaceState(null, "", told.dataset.adresse || "?");
  };
  new MutationObserver(() => {
    for (const place of places) if (shown(place)) place.querySelector(":scope > .sn-vorab")?.remove();
    for (const titled of document.querySelectorAll(".sn-widget [title='null']")) titled.removeAttribute("title");
    if (!state.dataset.bereit && places.every(shown)) {
      state.dataset.bereit = "ja";
      done();
    }
    follow();
  }).observe(document.getElementById("inhalt"), { childList: true, subtree: true });
})();
