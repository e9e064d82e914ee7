//! Pictures of the main pages, for `docs/beheer.md` and for a person to look at: `target/pictures/console/<name>.png`.

use interop::{Failure, target};
use serde_json::json;

use super::{browse, filled::Filled};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_of_the_main_pages_are_files_of_the_run() -> Result<(), Failure> {
    let filled = Filled::as_in_an_organisation().await?;
    let folder = target()?.join("pictures/console");
    let link = filled.gateway.login_link_with("beheerder", &["inhoud"]).await?;
    let pictures = json!({"link": link, "places": filled.places(), "folder": folder});
    let lines = browse(&json!({"base": filled.gateway.url(""), "pictures": pictures})).await?;
    assert_eq!(lines.len(), 10, "{lines:?}");
    for line in &lines {
        assert_eq!(line["status"], 200, "{line}");
        let file = folder.join(format!("{}.png", line["name"].as_str().unwrap_or_default()));
        let start = std::fs::read(&file).map_err(Failure::file(&file))?;
        assert!(start.starts_with(b"\x89PNG"), "{}", file.display());
        println!("{} ({} bytes)", file.display(), start.len());
    }
    Ok(())
}
