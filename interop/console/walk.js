// A browser that does one task with the console. Arguments: the folder with the packages, and the task in JSON, with the address
// of the gateway in "base". It prints lines of JSON.
//   {"walk": {"link", "start", "visits": name of a list in visits.js, "places", "marks"}}  every page: pages.js
//   {"keyboard": link}, {"plain": link}   the keyboard alone, and without JavaScript: people.js
//   {"provider": issuer, "logOut"?}       a log-in with a provider, and out of both: provider.js
//   {"keycloak": {"issuer", "user", "password"}}  the same with Keycloak: keycloak.js
//   {"pictures": {"link", "places", "folder"}}  pictures of the main pages: pictures.js
import { browser, task } from "./browser.js";

if (task.walk) await (await import("./pages.js")).walk(task.walk);
if (task.keyboard) await (await import("./people.js")).keyboard(task.keyboard);
if (task.plain) await (await import("./people.js")).plain(task.plain);
if (task.provider) await (await import("./provider.js")).provider(task);
if (task.keycloak) await (await import("./keycloak.js")).keycloak(task.keycloak);
if (task.pictures) await (await import("./pictures.js")).pictures(task.pictures);
await browser.close();
