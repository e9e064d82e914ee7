// A browser that does one task with the console of a gateway in which something of everything is; walk.js has the tasks with an
// empty one. Arguments: the folder with the packages, and the task in JSON, with the address of the gateway in "base". It prints
// lines of JSON.
//   {"walk": {"link", "start", "visits": name of a list in visits.js, "places", "marks"}}  every page and form: pages.js
//   {"keycloak": {"issuer", "user", "password"}}  a log-in with Keycloak, and out of both: keycloak.js
//   {"jobs": {"link", and what filled.rs says of the subscriptions}}  the jobs of an administrator, by clicking: jobs.js
//   {"pictures": {"link", "places", "folder"}}    pictures of the main pages: pictures.js
import { browser, task } from "./browser.js";

if (task.walk) await (await import("./pages.js")).walk(task.walk);
if (task.keycloak) await (await import("./keycloak.js")).keycloak(task.keycloak);
if (task.jobs) await (await import("./jobs.js")).jobs(task.jobs);
if (task.pictures) await (await import("./pictures.js")).pictures(task.pictures);
await browser.close();
