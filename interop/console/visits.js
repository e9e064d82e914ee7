// The pages that the walk visits beside those that it finds by links, one a line, in order of the path. {words} are places that
// `tests/software/console_filled/filled.rs` returns. "status" is the expected status (200). "press" names the button of a form, and
// "fill" the fields that are filled in before it is pressed; a form is sent in every round, so it must not change what later
// rounds need. "marks" are texts of the hostile data that the page must show literally.
export const VISITS = {
  // As an administrator who may see payloads and publish.
  beheer: [
    { path: "/beheer/abonnementen/{subscription}" },
    { path: "/beheer/abonnementen/{subscription}/bezorgingen?uitkomst=delivered" },
    { path: "/beheer/abonnementen/{subscription}/bezorgingen/opnieuw" },
    { path: "/beheer/abonnementen/{subscription}/herhalen" },
    { path: "/beheer/abonnementen/{subscription}/verwijderen" },
    { path: "/beheer/abonnementen?zoek=niets" },
    { path: "/beheer/dead-letters", marks: ["id"] },
    { path: "/beheer/dead-letters/opnieuw" },
    { path: "/beheer/dead-letters/opnieuw?keuze=rijen", status: 422 },
    { path: "/beheer/dead-letters/verwijderen" },
    { path: "/beheer/dead-letters/verwijderen", press: "main form button[type=submit]", fill: { bevestiging: "x" }, status: 422 },
    { path: "/beheer/events", marks: ["id"] },
    { path: "/beheer/events?onderwerp=niets" },
    { path: "/beheer/events/opnieuw" },
    { path: "/beheer/events/{event}", marks: ["id", "subject"] },
    { path: "/beheer/events/{event}/inhoud" },
    { path: "/beheer/events/{event}/inhoud", press: "main form button[type=submit]", status: 422 },
    {
      path: "/beheer/events/{event}/inhoud", press: "main form button[type=submit]",
      fill: { doel: "storing", toelichting: "<b>melding</b> 12" }, marks: ["data"],
    },
    { path: "/beheer/events/{event}/opnieuw?aan=iedereen" },
    { path: "/beheer/goedkeuringen", marks: ["name"] },
    { path: "/beheer/goedkeuringen/{approval}", marks: ["name", "subject"] },
    {
      path: "/beheer/goedkeuringen/{approval}", press: 'main [formaction$="/voorbeeld"]',
      fill: { onthulling: "genoemde", kenmerken: "subject" }, marks: ["subject"],
    },
    {
      path: "/beheer/goedkeuringen/{approval}", press: 'main [formaction$="/voorbeeld"]',
      fill: { onthulling: "genoemde", kenmerken: "<b>Fout</b>" }, status: 422,
    },
    { path: "/beheer/goedkeuringen/{approval}", press: "main .utrecht-button--danger", status: 422 },
    { path: "/beheer/inloggen" },
    { path: "/beheer/kanalen?zoek=niets" },
    { path: "/beheer/kanalen/zaken" },
    { path: "/beheer/mensen/opzoeken", press: "main form button[type=submit]", fill: { adres: "geen adres" }, status: 422 },
    {
      path: "/beheer/mensen/opzoeken", press: "main form button[type=submit]",
      fill: { adres: "an@example.nl", reden: "<b>melding</b> 12" },
    },
    { path: "/beheer/mensen/teksten/zaken?bericht=en" },
    { path: "/beheer/nergens", status: 404 },
    { path: "/beheer/runs" },
    { path: "/beheer/schemas/nieuw", press: "main form button[type=submit]", status: 422 },
    { path: "/beheer/uitgelogd" },
  ],
};

// A path with its places filled in.
export const filled = (path, places) => path.replaceAll(/\{(\w+)\}/g, (_, name) => {
  if (!(name in places)) throw new Error(`no place is named ${name}`);
  return places[name];
});
