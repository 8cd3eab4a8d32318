//! The tools on offer.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::super::rules::words::Kind;
use super::super::rules::{Rules, Search, Strict};
use super::{Checked, known, refuse, schema};

pub fn all(rules: &Rules, body: &Map<String, Value>) -> Checked {
    let Some(tools) = body.get("tools") else {
        return Ok(());
    };
    let tools = tools.as_array().map(Vec::as_slice).unwrap_or_default();
    if tools.is_empty() {
        return refuse(rules, Kind::Tool, "[] is too short - 'tools'");
    }
    if tools.len() > rules.tools {
        return refuse(
            rules,
            Kind::Tool,
            format!("array too long: {} tools, where {} are taken", tools.len(), rules.tools),
        );
    }
    let mut names = HashSet::new();
    let mut strict = 0;
    for (index, tool) in tools.iter().enumerate() {
        if tool["type"] != "function" {
            search(rules, index, tool)?;
            strict += 1;
            continue;
        }
        function(rules, index, tool)?;
        let name = tool["function"]["name"].as_str().unwrap_or_default();
        if !names.insert(name) {
            return refuse(rules, Kind::Tool, format!("tools contains duplicate names: {name}"));
        }
        strict += usize::from(tool["function"]["strict"] == true);
    }
    if rules.strict == Strict::AllOrNone && strict > 0 && strict < tools.len() {
        return refuse(
            rules,
            Kind::Tool,
            "Tools with mixed values for 'strict' are not allowed",
        );
    }
    Ok(())
}

/// A tool that only the provider has.
fn search(rules: &Rules, index: usize, tool: &Value) -> Checked {
    let kind = tool["type"].as_str().unwrap_or_default();
    match rules.search {
        Search::Tool(known_kind, members) if known_kind == kind => {
            known(rules, tool, &[&["type"], members].concat(), &format!("tools[{index}]"))
        }
        Search::Builtin(name) if kind == "builtin_function" && tool["function"]["name"] == name => {
            known(rules, &tool["function"], &["name"], &format!("tools[{index}].function"))
        }
        Search::None | Search::Tool(..) | Search::Builtin(_) | Search::Fields(_) => {
            refuse(rules, Kind::ToolType, format!("{}", tool["type"]))
        }
    }
}

fn function(rules: &Rules, index: usize, tool: &Value) -> Checked {
    known(rules, tool, &["type", "function"], &format!("tools[{index}]"))?;
    let function = &tool["function"];
    let members: &[&str] = match rules.strict {
        Strict::Unknown => &["name", "description", "parameters"],
        Strict::Known | Strict::AllOrNone => &["name", "description", "parameters", "strict"],
    };
    known(rules, function, members, &format!("tools[{index}].function"))?;
    let name = function["name"].as_str().unwrap_or_default();
    called(rules, name)?;
    if !function["description"].is_string() && !function["description"].is_null() {
        return refuse(
            rules,
            Kind::Tool,
            format!("tools[{index}].function.description: expected a string"),
        );
    }
    schema::parameters(rules, name, &function["parameters"])
}

/// A name that every provider takes.
pub fn called(rules: &Rules, name: &str) -> Checked {
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    let goes_on_well = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if starts_well && goes_on_well && name.len() <= 64 {
        return Ok(());
    }
    refuse(rules, Kind::ToolName, format!("{name:?}"))
}
