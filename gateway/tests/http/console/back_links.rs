//! The link of a page back to its list keeps the filters that the list had.

use http::Method;
use model::Role;

use super::{Browser, subscriptions::gateway_with_subscription, text};

#[tokio::test]
async fn the_link_back_to_a_list_keeps_its_filters_when_the_browser_comes_from_it() {
    let (gateway, _sink, id) = gateway_with_subscription().await;
    let browser = Browser::with_role(&gateway, Role::Beheerder).await;
    let own = format!("{}/beheer/abonnementen", gateway.base);
    let plain = "href=\"/beheer/abonnementen\">";
    let page = format!("/beheer/abonnementen/{id}");
    let breadcrumb = async |referrer: &str| {
        let headers = [("cookie", browser.cookie.as_str()), ("referer", referrer)];
        let page = text(&browser.client.send(Method::GET, &page, &headers, "").await.expect(200));
        let start = page.find("utrecht-breadcrumb-nav__link").expect("a link back");
        page[start..].lines().next().unwrap_or_default().to_owned()
    };
    let link = breadcrumb(&format!("{own}?zoek=a%26b&gedaan=gepauzeerd&pagina=2&kanaal=")).await;
    assert!(link.contains("href=\"/beheer/abonnementen?zoek=a%26b&#38;pagina=2\">"), "{link}");
    // Hostile values stay in the query.
    let link = breadcrumb(&format!("{own}?zoek=\"><script>")).await;
    assert!(link.contains("href=\"/beheer/abonnementen?zoek=%22%3E%3Cscript%3E\">"), "{link}");
    let long = format!("{own}?zoek={}", "a".repeat(3_000));
    let others =
        ["https://elders.example/beheer/abonnementen?zoek=a", "x", &format!("{own}/samen?zoek=a"), &own, &long];
    for referrer in others {
        let link = breadcrumb(referrer).await;
        assert!(link.contains(plain), "{referrer}: {link}");
    }
}
