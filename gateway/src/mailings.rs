//! Mailings, made from the configuration: their texts, and what their driver works with.
//!
//! Not here: which event becomes a mailing, and what is sent when (`mailer::mailings`).

use std::{path::Path, sync::Arc};

use mailer::mailings::{MailingParts, Resends, Sendings, Settings, Stops, Templates, Texts};
use model::{Clock, KanaalName, addressee::Language, data_filter::DataPath};
use people::People;

use crate::{
    config::{Config, PeopleTemplate},
    mail::Mail,
    start::StartError,
    stores::Stores,
};

/// What the driver of mailings works with; `None` when nothing sends messages to people.
///
/// # Errors
/// A template cannot be read or used.
pub fn parts(
    config: &Config,
    stores: &Stores,
    people: Option<&Arc<People>>,
    (mail, sms): (Option<&Mail>, Option<&Mail>),
    clock: &Arc<dyn Clock>,
) -> Result<Option<Arc<MailingParts>>, StartError> {
    let (Some(own), Some(people)) = (&config.people, people) else { return Ok(None) };
    if mail.is_none() && sms.is_none() {
        return Ok(None);
    }
    let outlet = |channel: Option<&Mail>| channel.map(|channel| channel.outlet.clone());
    let (Some(audience), Some(mailings)) = (&stores.audience, &stores.mailings) else { return Ok(None) };
    Ok(Some(Arc::new(MailingParts {
        log: Arc::clone(&stores.log),
        audience: Arc::clone(audience),
        mailings: Arc::clone(mailings),
        email: outlet(mail),
        sms: outlet(sms),
        keys: Arc::clone(people.keys()),
        links: people.links().clone(),
        templates: templates(&own.template)?,
        inbox: own.inbox_kanalen(),
        dialects: own.dialects(),
        clock: Arc::clone(clock),
        stops: Stops::default(),
        resends: Resends::default(),
        moments: own.collected.moments().unwrap_or_default(),
        sendings: Sendings::default(),
        settings: Settings::default(),
    })))
}

/// The texts that are configured.
///
/// # Errors
/// A file cannot be read, or a template cannot be used; the text names the kanaal.
pub fn templates(configured: &[PeopleTemplate]) -> Result<Templates, StartError> {
    let mut templates = Templates::default();
    for one in configured {
        let fault =
            |why: &dyn std::fmt::Display| StartError::Config(format!("people.template of {}: {why}", one.kanaal));
        let read =
            |file: &Path| std::fs::read_to_string(file).map_err(|error| fault(&format!("{}: {error}", file.display())));
        let kanaal = KanaalName::new(&one.kanaal).ok_or_else(|| fault(&"this is not the name of a kanaal"))?;
        let language = Language::from(one.language);
        let html = one.html_file.as_deref().map(read).transpose()?;
        let texts = Texts::new(language, &one.subject, &read(&one.text_file)?, html.as_deref());
        let texts = texts.and_then(|texts| match &one.sms {
            Some(sms) => texts.with_sms(sms),
            None => Ok(texts),
        });
        let texts = texts.and_then(|texts| match &one.collected {
            Some(item) => texts.with_collected(item),
            None => Ok(texts),
        });
        let obligation = one.obligation().map_err(|why| fault(&why))?;
        let texts = texts.and_then(|texts| match obligation {
            Some(obligation) => texts.obligatory(obligation),
            None => Ok(texts),
        });
        let texts = texts.map_err(|error| fault(&error))?;
        let texts = if one.strict { texts.strict() } else { texts };
        let path = |text: &String| {
            DataPath::new(text).map_err(|_| fault(&"disclose must have JSON Pointers such as /zaak/nummer"))
        };
        let members = one.disclose.as_ref().map(|members| members.iter().map(path).collect::<Result<Vec<_>, _>>());
        let texts = match members.transpose()? {
            Some(members) => texts.disclosing(members),
            None => texts,
        };
        templates.insert(kanaal, language, texts);
    }
    Ok(templates)
}
