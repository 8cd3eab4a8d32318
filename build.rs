//! Turns the table of providers into JSON: crelay reads all of it at every start, and JSON takes a fifth of the time.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::{Map, Value};

const TABLES: [&str; 2] = ["providers", "models"];

fn main() -> Result<(), Box<dyn Error>> {
    let mut all = Map::new();
    for name in TABLES {
        let path = format!("src/provider/{name}.toml");
        println!("cargo::rerun-if-changed={path}");
        let table = toml_edit::de::from_str(&fs::read_to_string(&path)?).map_err(|error| format!("{path}: {error}"))?;
        all.insert(name.to_owned(), table);
    }
    let folder = env::var_os("OUT_DIR").ok_or("cargo names no folder")?;
    fs::write(Path::new(&folder).join("table.json"), Value::Object(all).to_string())?;
    Ok(())
}
