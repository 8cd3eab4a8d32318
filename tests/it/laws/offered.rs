//! The tools that turns are played with.

use crelay::provider::dialect::Grammars;
use crelay::translate::heal::Healing;
use crelay::translate::names::{Kind, Origin, Tools};
use serde_json::json;

/// A function, a freeform tool and one in a namespace.
pub fn offered(grammars: Grammars) -> (Tools, Healing) {
    let mut tools = Tools::default();
    let text = |name: &str| json!({"properties": {name: {"type": "string"}, "limit": {"type": "integer"}}});
    let offered = [
        (Origin::new(None, "exec_command", Kind::Function), text("cmd")),
        (Origin::new(None, "apply_patch", Kind::Custom), text("input")),
        (Origin::new(Some("mcp__demo"), "echo", Kind::Function), text("words")),
    ];
    let offered = offered.map(|(origin, schema)| (tools.name(&origin), schema));
    let tools_by_name = offered.into_iter().collect();
    let healing = Healing {
        grammars,
        tools: tools_by_name,
        wants_json: false,
    };
    (tools, healing)
}
