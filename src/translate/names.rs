//! Names of tools: from Codex's namespaces to what every provider takes, and back.
//!
//! Every provider takes `^[A-Za-z][A-Za-z0-9_-]{0,63}$`. A name that fits is kept; any other is made to fit and gets a
//! hash of what it was, so that the same tool has the same name in every request and two tools never share one.

use std::collections::HashMap;

/// The longest name that every provider takes.
const LONGEST: usize = 64;

/// The namespace that means none: Responses Lite wraps ordinary tools in it, and takes their calls with and without it
/// (seen on 0.169).
const ORDINARY: &str = "functions";

/// What Codex calls a tool.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The namespace that the tool stands in, for instance `mcp__files`.
    pub namespace: Option<String>,
    /// The tool's own name.
    pub name: String,
    /// How it is called.
    pub kind: Kind,
}

impl Origin {
    /// A tool by its namespace and name.
    #[must_use]
    pub fn new(namespace: Option<&str>, name: &str, kind: Kind) -> Self {
        Self {
            namespace: namespace.filter(|namespace| *namespace != ORDINARY).map(str::to_owned),
            name: name.to_owned(),
            kind,
        }
    }
}

/// How a tool is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// With a JSON object.
    Function,
    /// With free text; the provider sees a function with one string parameter.
    Custom,
    /// With a search for tools, which is an item of its own.
    ToolSearch,
    /// With a command, as an item of its own: Codex's shell in its oldest form.
    LocalShell,
    /// By the provider itself, which wants the arguments back.
    WebSearch,
}

/// The tools of one request under the names that the provider sees.
#[derive(Debug, Clone, Default)]
pub struct Tools {
    origins: HashMap<String, Origin>,
    names: HashMap<(Option<String>, String), String>,
}

impl Tools {
    /// The provider's name for a tool; the same tool always gets the same name.
    pub fn name(&mut self, origin: &Origin) -> String {
        let key = (origin.namespace.clone(), origin.name.clone());
        if let Some(name) = self.names.get(&key) {
            return name.clone();
        }
        let name = self.free_name(origin);
        self.names.insert(key, name.clone());
        self.origins.insert(name.clone(), origin.clone());
        name
    }

    /// Knows a tool of the provider's own by its name.
    pub fn host(&mut self, name: &str) {
        self.origins
            .insert(name.to_owned(), Origin::new(None, name, Kind::WebSearch));
    }

    /// Whether this is the name of a tool of the provider's own.
    #[must_use]
    pub fn hosts(&self, name: &str) -> bool {
        self.origins
            .get(name)
            .is_some_and(|origin| origin.kind == Kind::WebSearch)
    }

    /// What Codex calls the tool that the provider called; a name that nobody declared is passed on as it came, so
    /// that Codex's own answer teaches the model.
    #[must_use]
    pub fn origin(&self, name: &str) -> Origin {
        self.origins.get(name).cloned().unwrap_or_else(|| Origin {
            namespace: None,
            name: name.to_owned(),
            kind: Kind::Function,
        })
    }

    /// The provider's name for a tool that has one already.
    #[must_use]
    pub fn find(&self, origin: &Origin) -> Option<&str> {
        let key = (origin.namespace.clone(), origin.name.clone());
        self.names.get(&key).map(String::as_str)
    }

    fn free_name(&self, origin: &Origin) -> String {
        let flat = match &origin.namespace {
            // Codex before 0.150 ends the namespaces of MCP servers like this (seen on 0.134).
            Some(namespace) if namespace.ends_with("__") => format!("{namespace}{}", origin.name),
            Some(namespace) => format!("{namespace}__{}", origin.name),
            None => origin.name.clone(),
        };
        let fitting = fitting(&flat);
        if fitting == flat && !self.origins.contains_key(&flat) {
            return flat;
        }
        let identity = format!("{}\0{}", origin.namespace.as_deref().unwrap_or_default(), origin.name);
        (0_u64..)
            .map(|attempt| shortened(&fitting, hash(&identity, attempt)))
            .find(|name| !self.origins.contains_key(name))
            .unwrap_or(fitting)
    }
}

/// The name with every character that some provider refuses replaced.
fn fitting(name: &str) -> String {
    let mut fitting: String = name
        .chars()
        .map(|character| match character {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' | '-' => character,
            _ => '_',
        })
        .take(LONGEST)
        .collect();
    if !fitting.starts_with(|first: char| first.is_ascii_alphabetic()) {
        fitting.insert_str(0, "t_");
        fitting.truncate(LONGEST);
    }
    fitting
}

/// The name's beginning and nine characters of hash.
fn shortened(name: &str, hash: u64) -> String {
    let kept: String = name.chars().take(LONGEST - 9).collect();
    format!("{kept}_{:08x}", hash >> 32)
}

/// FNV-1a, 64 bits: stable across releases and machines, which the standard library's hasher is not.
pub(super) fn hash(text: &str, attempt: u64) -> u64 {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ attempt;
    text.bytes().fold(start, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn function(namespace: Option<&str>, name: &str) -> Origin {
        Origin {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            kind: Kind::Function,
        }
    }

    #[test]
    fn a_name_that_fits_is_kept() {
        let mut tools = Tools::default();
        assert_eq!(tools.name(&function(None, "exec_command")), "exec_command");
        assert_eq!(tools.name(&function(Some("mcp__demo"), "echo")), "mcp__demo__echo");
        assert_eq!(tools.origin("mcp__demo__echo"), function(Some("mcp__demo"), "echo"));
    }

    #[test]
    fn a_namespace_that_brings_its_joint_gets_no_second() {
        let mut tools = Tools::default();
        assert_eq!(tools.name(&function(Some("mcp__demo__"), "echo")), "mcp__demo__echo");
        assert_eq!(tools.origin("mcp__demo__echo"), function(Some("mcp__demo__"), "echo"));
        // Another tool that comes to the same name stays another.
        let other = tools.name(&function(Some("mcp__demo"), "echo"));
        assert_ne!(other, "mcp__demo__echo");
        assert_eq!(tools.origin(&other), function(Some("mcp__demo"), "echo"));
    }

    #[test]
    fn two_tools_that_flatten_to_one_name_stay_two() {
        let mut tools = Tools::default();
        let flat = function(None, "a__b");
        let nested = function(Some("a"), "b");
        let names = [tools.name(&flat), tools.name(&nested)];
        assert_eq!(names[0], "a__b");
        assert_ne!(names[0], names[1]);
        assert_eq!(tools.origin(&names[1]), nested);
    }

    #[test]
    fn a_name_nobody_declared_comes_back_as_it_was() {
        assert_eq!(Tools::default().origin("no.such tool"), function(None, "no.such tool"));
    }

    proptest! {
        #[test]
        fn every_name_fits_every_provider_and_finds_its_tool(
            origins in proptest::collection::vec((proptest::option::of(".{0,40}"), ".{0,80}"), 1..20)
        ) {
            let mut tools = Tools::default();
            let origins: Vec<Origin> =
                origins.iter().map(|(namespace, name)| function(namespace.as_deref(), name)).collect();
            let names: Vec<String> = origins.iter().map(|origin| tools.name(origin)).collect();
            for (origin, name) in origins.iter().zip(&names) {
                prop_assert!(name.len() <= LONGEST);
                prop_assert!(name.starts_with(|first: char| first.is_ascii_alphabetic()));
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'));
                prop_assert_eq!(&tools.origin(name), origin);
                prop_assert_eq!(&Tools::default().name(origin), &Tools::default().name(origin));
            }
        }
    }
}
