//! What the page of a link shows. Reading it changes nothing (CH-48, CH-57), and everything that is wrong or void is one error
//! (CH-49, CH-58).

use model::{
    KanaalName, Timestamp,
    addressee::{ActId, Addressee, AddresseeId, Basis, Check, Digest, EndReason, State, StateKind, UsedLink},
};

use crate::{Error, Link, Overview, People, code::digest_to_prove};

/// What the page of a link shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// A button to confirm.
    ToConfirm {
        /// The kanaal.
        kanaal: KanaalName,
    },
    /// The address was confirmed with this link.
    Confirmed {
        /// The kanaal.
        kanaal: KanaalName,
    },
    /// Buttons to leave.
    ToLeave {
        /// The kanaal of the link.
        kanaal: KanaalName,
        /// The other kanalen of the address, in their order; each once.
        others: Vec<KanaalName>,
    },
    /// It was left.
    Left {
        /// The kanalen that ended by the same act.
        kanalen: Vec<KanaalName>,
        /// The URL of the link that undoes it, while that is possible.
        undo: Option<String>,
    },
    /// A button to undo an act.
    ToUndo {
        /// The kanalen that come back.
        kanalen: Vec<KanaalName>,
    },
    /// A field for the code of a message. It is the same whether or not there is something to confirm (CH-49, CH-52).
    ToEnterCode,
    /// What is stored of the person, with buttons for it (CH-65).
    Data(Overview),
}

impl People {
    /// What the page of a link shows now.
    ///
    /// # Errors
    /// `Unknown` for a link that is wrong or void; `Storage`.
    pub async fn page(&self, link: &Link) -> Result<Page, Error> {
        let now = self.clock.now();
        match link {
            Link::Confirm { id, token } => {
                let found = self.addressee(*id).await?;
                let proof = |digest| self.keys.link_digest(digest, token);
                let own = proof(found.as_ref().map_or(Digest([0; 32]), |found| found.digest));
                let to_prove = proof(found.as_ref().map_or(Digest([0; 32]), digest_to_prove));
                found.and_then(|found| confirming(&found, (&own, &to_prove), now)).ok_or(Error::Unknown)
            }
            Link::Leave { id } => {
                let found = self.addressee(*id).await?.ok_or(Error::Unknown)?;
                match &found.state {
                    State::Confirmed { .. } => {
                        let others =
                            self.of_address(&found, |other| other.state.kind() == StateKind::Confirmed).await?;
                        let others = others.into_iter().filter(|other| *other != found.kanaal).collect();
                        Ok(Page::ToLeave { kanaal: found.kanaal, others })
                    }
                    State::Ended { reason: EndReason::Unsubscribed { act, undo_until, .. }, .. } => {
                        let undo = (now < *undo_until).then(|| self.links.undo(*id, *act));
                        Ok(Page::Left { kanalen: self.of_act(&found, *act).await?, undo })
                    }
                    State::Unconfirmed { .. } | State::Ended { .. } => Err(Error::Unknown),
                }
            }
            Link::Undo { id, act } => {
                let found = self.addressee(*id).await?.ok_or(Error::Unknown)?;
                let State::Ended { reason: EndReason::Unsubscribed { act: ended_by, undo_until, .. }, .. } =
                    &found.state
                else {
                    return Err(Error::Unknown);
                };
                if ended_by != act || now >= *undo_until {
                    return Err(Error::Unknown);
                }
                Ok(Page::ToUndo { kanalen: self.of_act(&found, *act).await? })
            }
            Link::Code { .. } => Ok(Page::ToEnterCode),
            Link::Data { .. } => Ok(Page::Data(self.overview(link).await?)),
        }
    }

    /// Counts a request for a page. Links to leave or undo, or to data, are authentic by themselves and are not counted: the
    /// one-click requests of many people come from few addresses of mail providers. A page that takes a code is counted.
    ///
    /// # Errors
    /// `TooManyRequests`.
    pub fn admit_page(&self, link: Option<&Link>, source: &str) -> Result<(), Error> {
        if matches!(link, Some(Link::Leave { .. } | Link::Undo { .. } | Link::Data { .. })) {
            return Ok(());
        }
        let admitted = self.limits.pages.admit(source.to_owned(), self.clock.instant());
        admitted.map_err(|wait| Error::TooManyRequests { wait })
    }

    pub(crate) async fn addressee(&self, id: AddresseeId) -> Result<Option<Addressee>, Error> {
        Ok(self.audience.get(id).await?.map(|stored| stored.addressee))
    }

    /// The kanalen of addressees of the same address and channel.
    async fn of_address(
        &self,
        of: &Addressee,
        is_meant: impl Fn(&Addressee) -> bool,
    ) -> Result<Vec<KanaalName>, Error> {
        let all = self.audience.of_address(of.digest).await?;
        let same = all.into_iter().map(|stored| stored.addressee).filter(|other| other.channel == of.channel);
        let mut kanalen: Vec<KanaalName> = same.filter(is_meant).map(|other| other.kanaal).collect();
        kanalen.sort();
        kanalen.dedup();
        Ok(kanalen)
    }

    /// The kanalen that an act ended.
    async fn of_act(&self, of: &Addressee, act: ActId) -> Result<Vec<KanaalName>, Error> {
        let is_of = |other: &Addressee| ended_by(other) == Some(act);
        self.of_address(of, is_of).await
    }
}

/// The act that ended an addressee, if the person left.
fn ended_by(addressee: &Addressee) -> Option<ActId> {
    match &addressee.state {
        State::Ended { reason: EndReason::Unsubscribed { act, .. }, .. } => Some(*act),
        State::Unconfirmed { .. } | State::Confirmed { .. } | State::Ended { .. } => None,
    }
}

/// The page of a link to confirm, given the digests of its token for the present address and for the one to be proven.
fn confirming(found: &Addressee, (own, to_prove): (&Digest, &Digest), now: Timestamp) -> Option<Page> {
    let kanaal = found.kanaal.clone();
    let is_valid = |check: &Check| check.link.matches(to_prove) && now < check.link_until;
    match &found.state {
        State::Unconfirmed { check, .. } => is_valid(check).then_some(Page::ToConfirm { kanaal }),
        State::Confirmed { change: Some(change), .. } if is_valid(&change.check) => Some(Page::ToConfirm { kanaal }),
        State::Confirmed { confirmation, .. } => match &confirmation.by {
            Basis::Link(used) if *used == UsedLink::of(own) => Some(Page::Confirmed { kanaal }),
            _ => None,
        },
        State::Ended { .. } => None,
    }
}
