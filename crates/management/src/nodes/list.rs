//! Lists the nodes: on Kafka those that take shards are known from the group that assigns them, of others nothing.

use std::time::Duration;

use delivery::Totals;
use storage::progress::Member;

use super::{Nodes, OtherNode, OwnNode, Queues};
use crate::Management;

/// The longest wait for the list of the group.
const WAIT: Duration = Duration::from_secs(3);

/// Most partitions that are listed one by one.
const MAX_PARTITIONS: usize = 20;

impl Management {
    /// The nodes that are known, and whether that is all of them.
    pub async fn list_nodes(&self) -> Nodes {
        let own = self.own_node().await;
        let (others, incomplete) = match tokio::time::timeout(WAIT, self.engine.members()).await {
            Ok(Ok(None)) => (Vec::new(), None),
            Ok(Ok(Some(members))) => {
                let takes_shards = self.settings.node.delivers;
                let why = "nodes without the role deliver are not known to each other".to_owned();
                (without_own(members, &own.shards, takes_shards), Some(why))
            }
            Ok(Err(error)) => (Vec::new(), Some(format!("other nodes are not known now: {error}"))),
            Err(_) => (Vec::new(), Some("other nodes are not known now: the brokers do not answer".to_owned())),
        };
        Nodes { own, others, incomplete }
    }

    async fn own_node(&self) -> OwnNode {
        let Totals { status, mut partitions } = self.engine.totals();
        let number = partitions.len();
        partitions.retain(|(_, _, lag)| *lag > 0);
        partitions.sort_by_key(|(_, _, lag)| std::cmp::Reverse(*lag));
        partitions.truncate(MAX_PARTITIONS);
        let now = self.clock.now();
        OwnNode {
            facts: self.facts.facts().await,
            shards: self.engine.state().borrow().owned.iter().map(|shard| shard.0).collect(),
            queues: Queues {
                in_flight: status.in_flight as u64,
                unsettled: status.unsettled as u64,
                oldest_unsettled: status.oldest.map(|oldest| now.since(oldest)),
                unread: status.behind,
                checkpoint_age: status.checkpoint_age,
                journal_lost: self.journal.lost(),
            },
            partitions: number,
            slowest: partitions,
        }
    }
}

/// The members without this node: the one with a shard of its own or, while it has none and takes shards, one of those without
/// any, which look alike.
fn without_own(members: Vec<Member>, own: &[u32], takes_shards: bool) -> Vec<OtherNode> {
    let is_own = |member: &Member| match own {
        [] => takes_shards && member.shards.is_empty(),
        own => member.shards.iter().any(|shard| own.contains(&shard.0)),
    };
    let own = members.iter().position(is_own);
    let others = members.into_iter().enumerate().filter(|(at, _)| Some(*at) != own);
    let other = |Member { id, host, shards }: Member| OtherNode {
        id,
        host,
        shards: shards.into_iter().map(|shard| shard.0).collect(),
    };
    others.map(|(_, member)| other(member)).collect()
}

#[cfg(test)]
mod tests {
    use storage::progress::Shard;

    use super::*;

    fn member(id: &str, shards: &[u32]) -> Member {
        Member { id: id.to_owned(), host: "192.0.2.1".to_owned(), shards: shards.iter().copied().map(Shard).collect() }
    }

    #[test]
    fn this_node_is_not_listed_among_the_others() {
        let members = [member("a", &[0, 1]), member("b", &[2]), member("c", &[]), member("d", &[])];
        for (own, takes_shards, expected) in [
            (&[0, 1][..], true, vec!["b", "c", "d"]),
            (&[2], true, vec!["a", "c", "d"]),
            (&[], true, vec!["a", "b", "d"]),
            (&[], false, vec!["a", "b", "c", "d"]),
        ] {
            let others = without_own(members.to_vec(), own, takes_shards);
            let ids: Vec<&str> = others.iter().map(|other| other.id.as_str()).collect();
            assert_eq!(ids, expected, "{own:?} {takes_shards}");
        }
    }
}
