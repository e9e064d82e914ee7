//! The members of the group that assigns the shards, for operators. Whether every shard has an owner is [`super::owners`].

use super::{Shared, owners::assigned};
use crate::{
    Error,
    kafka::failure,
    progress::{Member, Shard},
};

/// Asks the coordinator of the group. Blocks for at most the deadline of the options.
pub(super) fn list(shared: &Shared) -> Result<Vec<Member>, Error> {
    let groups = shared.admin.describe_group(&shared.group);
    let groups = groups.map_err(|error| failure::kafka("cannot describe the shard group", &error))?;
    let members = groups.groups().iter().flat_map(rdkafka::groups::GroupInfo::members);
    let member = |member: &rdkafka::groups::GroupMemberInfo| {
        let mut shards: Vec<Shard> = member
            .assignment()
            .map(|bytes| assigned(bytes, &shared.topic))
            .unwrap_or_default()
            .into_iter()
            .map(Shard)
            .collect();
        shards.sort_unstable();
        Member { id: member.id().to_owned(), host: member.client_host().trim_start_matches('/').to_owned(), shards }
    };
    let mut members: Vec<Member> = members.map(member).collect();
    members.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(members)
}
