//! The nodes.

/// Its texts.
pub struct Texts {
    /// The title.
    pub title: &'static str,
    /// Less than a tenth of the disk is free.
    pub disk_low: &'static str,
    /// There are events to read.
    pub behind: &'static str,
    /// Every event was read.
    pub all_read: &'static str,
    /// The heading of the node that serves the page.
    pub this_node: &'static str,
    /// The name of a node.
    pub name: &'static str,
    /// Its roles.
    pub roles: &'static str,
    /// Its version.
    pub version: &'static str,
    /// Its store.
    pub store: &'static str,
    /// The name of a store.
    pub store_name: fn(&str) -> &'static str,
    /// When it started.
    pub started: &'static str,
    /// The shards that it delivers.
    pub shards: &'static str,
    /// The number of partitions that it reads.
    pub partitions: &'static str,
    /// The disk of its data.
    pub disk: &'static str,
    /// Free space, and the size.
    pub free_of: fn(String, String) -> String,
    /// Memory in use.
    pub memory: &'static str,
    /// A value that the node cannot find out.
    pub unknown: &'static str,
    /// The heading of what waits.
    pub waiting: &'static str,
    /// Events that were not read yet.
    pub unread: &'static str,
    /// Deliveries that are not settled.
    pub unsettled: &'static str,
    /// The age of the oldest of them.
    pub oldest: &'static str,
    /// A number of seconds.
    pub seconds: fn(u64) -> String,
    /// Requests under way.
    pub in_flight: &'static str,
    /// How long progress has waited to be stored.
    pub checkpoint: &'static str,
    /// Entries of the journal that were lost since the start.
    pub journal_lost: &'static str,
    /// What that means and what to do.
    pub journal_lost_why: &'static str,
    /// The heading of partitions that are behind.
    pub slowest: &'static str,
    /// The name of their table.
    pub slowest_shown: &'static str,
    /// The column with the kanaal.
    pub kanaal: &'static str,
    /// The column with the partition.
    pub partition: &'static str,
    /// The heading of other nodes.
    pub others: &'static str,
    /// There may be more nodes; the reason comes after it.
    pub incomplete: &'static str,
    /// There is no other node.
    pub no_others: &'static str,
    /// The column with the address.
    pub address: &'static str,
}

/// Dutch.
pub const NL: Texts = Texts {
    title: "Systeem",
    disk_low: "Minder dan een tiende van de schijf is vrij. Maak ruimte vrij, vergroot de schijf, of bewaar events korter.",
    behind: "Deze node heeft nog events te lezen. Wordt het aantal steeds groter? Kijk dan bij de partities die achterlopen.",
    all_read: "Deze node heeft alle events gelezen.",
    this_node: "Deze node",
    name: "Naam",
    roles: "Rollen",
    version: "Versie",
    store: "Opslag",
    store_name: |store| if store == "kafka" { "Kafka" } else { "Ingebouwd bestand (SQLite)" },
    started: "Gestart op",
    shards: "Shards",
    partitions: "Partities die deze node leest",
    disk: "Schijf",
    free_of: |free, size| format!("{free} vrij van {size}"),
    memory: "Geheugen in gebruik",
    unknown: "Niet bekend",
    waiting: "Wat er wacht",
    unread: "Events die nog niet zijn gelezen",
    unsettled: "Bezorgingen die nog niet klaar zijn",
    oldest: "Leeftijd van de oudste daarvan",
    seconds: |seconds| if seconds == 1 { "1 seconde".to_owned() } else { format!("{seconds} seconden") },
    in_flight: "Verzoeken die nu lopen",
    checkpoint: "Voortgang wacht op opslaan sinds",
    journal_lost: "Regels van het journaal die sinds de start verloren gingen",
    journal_lost_why: "Een deel van wat er gebeurde is niet te zien in de lijsten van events en bezorgingen. De bezorging zelf mist niets. Kijk of de schijf snel genoeg en niet beschadigd is.",
    slowest: "Partities die achterlopen",
    slowest_shown: "Hoogstens 20 partities, de grootste achterstand eerst",
    kanaal: "Kanaal",
    partition: "Partitie",
    others: "Andere nodes",
    incomplete: "Er kunnen meer nodes zijn: de lijst is nu niet volledig op te vragen.",
    no_others: "Er zijn geen andere nodes.",
    address: "Adres",
};

/// English.
pub const EN: Texts = Texts {
    title: "System",
    disk_low: "Less than a tenth of the disk is free. Free space, enlarge the disk, or keep events for a shorter time.",
    behind: "This node still has events to read. Does the number keep growing? Then look at the partitions that are behind.",
    all_read: "This node has read all events.",
    this_node: "This node",
    name: "Name",
    roles: "Roles",
    version: "Version",
    store: "Store",
    store_name: |store| if store == "kafka" { "Kafka" } else { "Embedded file (SQLite)" },
    started: "Started at",
    shards: "Shards",
    partitions: "Partitions that this node reads",
    disk: "Disk",
    free_of: |free, size| format!("{free} free of {size}"),
    memory: "Memory in use",
    unknown: "Not known",
    waiting: "What waits",
    unread: "Events that were not read yet",
    unsettled: "Deliveries that are not settled",
    oldest: "Age of the oldest of them",
    seconds: |seconds| if seconds == 1 { "1 second".to_owned() } else { format!("{seconds} seconds") },
    in_flight: "Requests under way",
    checkpoint: "Progress has waited to be stored for",
    journal_lost: "Entries of the journal that were lost since the start",
    journal_lost_why: "A part of what happened is missing in the lists of events and deliveries. Delivery itself misses nothing. Check that the disk is fast enough and not damaged.",
    slowest: "Partitions that are behind",
    slowest_shown: "At most 20 partitions, those furthest behind first",
    kanaal: "Kanaal",
    partition: "Partition",
    others: "Other nodes",
    incomplete: "There may be more nodes: the list cannot be read in full now.",
    no_others: "There are no other nodes.",
    address: "Address",
};
