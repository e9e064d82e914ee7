//! How the demonstration reads: numbered steps, requests and answers indented below them.

use super::setting::Setting;

/// Prints the story as it happens.
#[derive(Debug, Default)]
pub struct Transcript {
    steps: u32,
}

impl Transcript {
    /// The next step.
    pub fn step(&mut self, text: &str) {
        self.steps += 1;
        println!("\n{}. {text}", self.steps);
    }

    /// Something that belongs to the step.
    #[expect(clippy::unused_self, reason = "what is shown belongs to a transcript")]
    pub fn show(&self, block: &str) {
        println!();
        for line in block.lines() {
            println!("     {line}");
        }
    }

    /// A remark.
    #[expect(clippy::unused_self, reason = "what is shown belongs to a transcript")]
    pub fn note(&self, text: &str) {
        println!("   {text}");
    }

    /// The lines to do it oneself.
    pub fn by_hand(&mut self, setting: &Setting) {
        self.step("The same by hand, with curl:");
        let (gateway, subscriber) = (&setting.gateway, &setting.subscriber);
        self.show(&format!(
            r#"export TOKEN={}

curl -sS {gateway}/v1/subscriptions -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
  -d '{{"sink": "{subscriber}/mijn-app", "config": {{"kanalen": ["parkeren"]}}}}'

curl -sS {gateway}/v1/events -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/cloudevents+json' \
  -d '{{"specversion": "1.0", "id": "1", "source": "urn:nld:oin:00000001823288444000:systeem:parkeren",
       "type": "nl.overheid.parkeren.vergunning-ingetrokken", "data": {{"zone": "A1"}}}}'

curl -sS {gateway}/v1/events?kanaal=parkeren -H "Authorization: Bearer $TOKEN"
curl -sS {gateway}/v1/subscriptions -H "Authorization: Bearer $TOKEN"

curl -sS -X PUT {subscriber}/mijn-app/answer -d 422      # from now on it refuses: dead letters
curl -sS {gateway}/v1/dead-letters -H "Authorization: Bearer $TOKEN""#,
            setting.token
        ));
        self.note("");
        self.note("The token is good for an hour. README.md goes on from here.");
    }
}
