// Inside the frame of the map to pan: words, size, background on request, selection shared with the page around.
function beweglicheKarte(karte, flaechen, kacheln, o) {
  "use strict";
  L.control.zoom({ zoomInTitle: o.naeher, zoomOutTitle: o.weiter }).addTo(karte);
  karte.attributionControl.setPrefix(false);
  const ort = karte.getContainer();
  ort.setAttribute("role", "region");
  ort.setAttribute("aria-label", o.titel);

  // The frame has no size before it comes into view; the map is fitted when it has one.
  const warten = new ResizeObserver(() => {
    if (ort.clientWidth < 60 || ort.clientHeight < 60) return;
    warten.disconnect();
    karte.invalidateSize(false);
    karte.fitBounds(o.rahmen, { padding: [10, 10], animate: false });
  });
  warten.observe(ort);

  if (kacheln) {
    const Schalter = L.Control.extend({
      options: { position: "bottomleft" },
      onAdd() {
        const knopf = L.DomUtil.create("button", "schalter");
        knopf.type = "button";
        knopf.textContent = o.hintergrund;
        const stelle = (an) => {
          if (an) kacheln.addTo(karte);
          else kacheln.remove();
          flaechen.setStyle({ fillOpacity: an ? 0.6 : 1 });
          knopf.setAttribute("aria-pressed", String(an));
        };
        L.DomEvent.disableClickPropagation(knopf);
        knopf.addEventListener("click", () => stelle(!karte.hasLayer(kacheln)));
        stelle(o.sofort);
        return knopf;
      },
    });
    new Schalter().addTo(karte);
  }

  // The drawing is one picture for assistive technology and no stop of the tab key: the page has both in its
  // fixed map and its table. (Browsers would stop at each of its areas, because Leaflet listens to their focus.)
  const bild = ort.querySelector(".leaflet-overlay-pane svg");
  bild?.setAttribute("role", "img");
  bild?.setAttribute("aria-label", o.beschreibung);
  flaechen.eachLayer((flaeche) => {
    flaeche.getElement()?.setAttribute("tabindex", "-1");
    flaeche.on("click", () => parent.postMessage({ gebiet: flaeche.feature.properties.gebiet }, "*"));
  });
  addEventListener("message", ({ source, data }) => {
    if (source !== parent || !Array.isArray(data?.wahl)) return;
    const farben = []; // for the legend outside the frame
    flaechen.eachLayer((flaeche) => {
      const { gebiet, breite, farbe } = flaeche.feature.properties;
      const an = data.wahl.includes(gebiet);
      flaeche.setStyle({ weight: an ? 5 : breite });
      if (!an) return;
      flaeche.bringToFront();
      farben.push([gebiet, farbe]);
    });
    parent.postMessage({ farben }, "*");
  });
  parent.postMessage({ bereit: true }, "*");
}
