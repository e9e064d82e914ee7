//! The receiver of a subscription as a page shows it: its query may hold a secret.

use model::Sink;

/// The address of a receiver without its query.
pub fn sink_text(sink: &Sink) -> String {
    let key = sink.key();
    match key.split_once('?') {
        Some((address, _)) => format!("{address}?…"),
        None => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_a_receiver_is_not_shown() {
        let shown = |url: &str| sink_text(&Sink::Webhook(url.to_owned()));
        assert_eq!(shown("https://s.example/hook?token=hush"), "https://s.example/hook?…");
        assert_eq!(shown("https://s.example/hook"), "https://s.example/hook");
    }
}
