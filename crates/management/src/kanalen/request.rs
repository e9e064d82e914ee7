//! The requests to create, replace and change a kanaal, and the kanaal that results. No other file lists the settings of a
//! kanaal.

use model::{
    AttributeName, Kanaal, KanaalName, clearance::Clearance, kanaal::Filterkenmerk, profile::Rules,
    schema::PayloadCheck,
};

use super::rules::{check_owner, check_source, kenmerk};
use crate::{Error, Fault, Update};

/// A complete requested kanaal. The members are those of [`Kanaal`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KanaalRequest {
    /// Its name; needed to create one, and otherwise the present name if it is given.
    pub naam: Option<KanaalName>,
    /// See [`Kanaal`].
    pub documentatie_link: String,
    /// The kenmerken of its notifications.
    pub filters: Filters,
    /// See [`Kanaal`].
    pub type_routes: Vec<String>,
    /// See [`Kanaal`].
    pub source: Option<String>,
    /// See [`Kanaal`].
    pub retention_seconds: Option<u64>,
    /// See [`Kanaal`].
    pub rules: Rules,
    /// See [`Kanaal`].
    pub payloads: PayloadCheck,
    /// See [`Kanaal`].
    pub clearance: Update<Option<Clearance>>,
    /// See [`Kanaal`]; a new kanaal belongs to the actor that creates it.
    pub owner: Update<Option<String>>,
    /// See [`Kanaal`]; a new kanaal does not ask for approval.
    pub approval: Update<bool>,
}

/// The requested kenmerken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filters {
    /// Names. One whose attribute collides gets another attribute or none (MAP-11).
    Names(Vec<String>),
    /// Names with attributes. One whose attribute collides is an error (MAP-12).
    Attributes(Vec<FilterRequest>),
}

impl Default for Filters {
    fn default() -> Self {
        Self::Names(Vec::new())
    }
}

/// A requested kenmerk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterRequest {
    /// Its name, 1 to 100 characters.
    pub naam: String,
    /// The attribute it becomes; `None` for the one that follows from the name.
    pub attribute: Option<AttributeName>,
}

/// Parts of a kanaal that change; `None` for those that stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KanaalChange {
    /// See [`Kanaal`].
    pub documentatie_link: Option<String>,
    /// The names of its kenmerken. One that it has already keeps its attribute.
    pub filters: Option<Vec<String>>,
}

impl KanaalRequest {
    /// The kanaal that follows from this request, over one that gives identity, name and what the request keeps.
    /// [`Error::Invalid`] with every rule that the request breaks.
    pub fn over(self, present: Kanaal) -> Result<Kanaal, Error> {
        let mut faults = Vec::new();
        if self.naam.as_ref().is_some_and(|naam| *naam != present.naam) {
            faults.push(Fault::new("naam", "cannot be changed"));
        }
        let filters = self.filters.resolve(&mut faults);
        if let Some(Err(rule)) = self.source.as_deref().map(check_source) {
            faults.push(Fault::new("source", rule));
        }
        if let Update::Set(Some(owner)) = &self.owner
            && let Err(rule) = check_owner(owner)
        {
            faults.push(Fault::new("owner", rule));
        }
        if !faults.is_empty() {
            return Err(Error::Invalid(faults));
        }
        Ok(Kanaal {
            id: present.id,
            naam: present.naam,
            documentatie_link: self.documentatie_link,
            filters,
            type_routes: self.type_routes,
            source: self.source,
            retention_seconds: self.retention_seconds,
            rules: self.rules,
            payloads: self.payloads,
            clearance: self.clearance.or(present.clearance),
            created: present.created,
            owner: self.owner.or(present.owner),
            approval: self.approval.or(present.approval),
        })
    }
}

impl KanaalChange {
    /// The kanaal after the change.
    pub fn over(self, present: &Kanaal) -> Kanaal {
        let mut next = present.clone();
        if let Some(link) = self.documentatie_link {
            next.documentatie_link = link;
        }
        if let Some(names) = self.filters {
            next.filters = Kanaal::filterkenmerken(names)
                .into_iter()
                .map(|new| present.filters.iter().find(|old| old.naam == new.naam).cloned().unwrap_or(new))
                .collect();
        }
        next
    }
}

impl Filters {
    fn resolve(self, faults: &mut Vec<Fault>) -> Vec<Filterkenmerk> {
        match self {
            Self::Names(names) => Kanaal::filterkenmerken(names),
            Self::Attributes(filters) => attributes(&filters, faults),
        }
    }
}

/// Gives each kenmerk its attribute; a fault for each that breaks a rule.
fn attributes(requested: &[FilterRequest], faults: &mut Vec<Fault>) -> Vec<Filterkenmerk> {
    let mut filters = Vec::new();
    for (at, request) in requested.iter().enumerate() {
        match kenmerk(request, &filters) {
            Ok(filter) => filters.push(filter),
            Err(rule) => faults.push(Fault::new(format!("filters[{at}]"), rule)),
        }
    }
    filters
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn present() -> Kanaal {
        let naam = KanaalName::new("zaken").unwrap();
        Kanaal {
            owner: Some("a".into()),
            approval: true,
            clearance: Some(Clearance { classifications: vec!["public".into()], regulations: vec![] }),
            ..Kanaal::new(Uuid::from_u128(1), naam, Timestamp::from_seconds(1))
        }
    }

    fn filter(naam: &str, attribute: Option<&str>) -> FilterRequest {
        FilterRequest { naam: naam.into(), attribute: attribute.map(|name| AttributeName::new(name).unwrap()) }
    }

    fn names(kanaal: &Kanaal) -> Vec<&str> {
        kanaal.filters.iter().map(|filter| filter.attribute.as_ref().unwrap().as_str()).collect()
    }

    #[test]
    fn filters_become_attributes_map_11_12() {
        let filters = [filter("zaaktype", None), filter("zaaktype.catalogus", None), filter("id", Some("kenmerkid"))];
        let request = KanaalRequest { filters: Filters::Attributes(filters.into()), ..KanaalRequest::default() };
        let kanaal = request.over(present()).unwrap();
        assert_eq!(names(&kanaal), ["zaaktype", "zaaktypecatalogus", "kenmerkid"]);
        let collides = ["id", "a.b", "ab"].map(String::from);
        let request = KanaalRequest { filters: Filters::Names(collides.into()), ..KanaalRequest::default() };
        assert_eq!(names(&request.over(present()).unwrap()), ["kenmerkid", "ab", "kenmerkab"]);
    }

    #[test]
    fn each_broken_rule_is_named_map_12() {
        let filters = |filters: &[FilterRequest]| KanaalRequest {
            filters: Filters::Attributes(filters.to_vec()),
            ..KanaalRequest::default()
        };
        let long = |length| "x".repeat(length);
        for (request, member) in [
            (filters(&[filter("id", None)]), "filters[0]"),
            (filters(&[filter("a.b", None), filter("ab", None)]), "filters[1]"),
            (filters(&[filter("...", None)]), "filters[0]"),
            (filters(&[filter(&long(101), None)]), "filters[0]"),
            (KanaalRequest { source: Some("a b".into()), ..KanaalRequest::default() }, "source"),
            (KanaalRequest { source: Some(long(1_001)), ..KanaalRequest::default() }, "source"),
            (KanaalRequest { owner: Update::Set(Some(long(101))), ..KanaalRequest::default() }, "owner"),
            (KanaalRequest { naam: KanaalName::new("zaak"), ..KanaalRequest::default() }, "naam"),
        ] {
            let Err(Error::Invalid(faults)) = request.clone().over(present()) else { panic!("{request:?}") };
            assert_eq!((faults.len(), faults[0].member.as_str()), (1, member), "{request:?}");
        }
    }

    #[test]
    fn what_a_request_keeps_stays() {
        let kept = KanaalRequest::default().over(present()).unwrap();
        assert_eq!(kept, present());
        let cleared = KanaalRequest {
            owner: Update::Set(None),
            approval: Update::Set(false),
            clearance: Update::Set(None),
            ..KanaalRequest::default()
        };
        let cleared = cleared.over(present()).unwrap();
        assert_eq!((cleared.owner, cleared.approval, cleared.clearance), (None, false, None));
    }

    #[test]
    fn a_filter_that_stays_keeps_its_attribute() {
        let filters = Filters::Attributes(vec![filter("id", Some("nummer"))]);
        let before = KanaalRequest { filters, ..KanaalRequest::default() }.over(present()).unwrap();
        let change = KanaalChange { filters: Some(vec!["bron".into(), "id".into()]), documentatie_link: None };
        let after = change.over(&before);
        assert_eq!(names(&after), ["bron", "nummer"]);
        assert_eq!(after.approval, before.approval);
    }
}
