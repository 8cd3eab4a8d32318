//! npm's package around Codex: a Node.js program that starts the native one. crelay starts the native one itself, which
//! saves the 130 ms that Node.js takes, and lets a signal at crelay's death reach Codex and not a process between.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use crate::session::Environment;

/// What the wrapper tells Codex about who keeps it up to date.
const MANAGERS: [&str; 4] = [
    "CODEX_MANAGED_BY_NPM",
    "CODEX_MANAGED_BY_BUN",
    "CODEX_MANAGED_BY_PNPM",
    "CODEX_MANAGED_BY_VITE_PLUS",
];

/// An installed package, and what its wrapper gives to the native program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The folder of `@openai/codex`.
    root: PathBuf,
    /// The variable of [`MANAGERS`] that is set.
    manager: &'static str,
    /// Goes in front of `PATH`: the tools that come with Codex, where the wrapper puts them there. Codex does that
    /// itself by 0.150.
    tools: Option<PathBuf>,
}

impl Package {
    /// The package whose wrapper `program` is or leads to.
    pub fn of(program: &Path) -> Option<Self> {
        let wrapper = fs::canonicalize(program).ok()?;
        if !wrapper.ends_with("@openai/codex/bin/codex.js") {
            return None;
        }
        let root = wrapper.parent()?.parent()?.to_owned();
        Some(Self {
            root,
            manager: MANAGERS[0],
            tools: None,
        })
    }

    /// The native program, where the wrapper would find it. `None` if it is not there, or if the package is kept by a
    /// program whose traces only the wrapper knows how to read.
    pub fn native(mut self, environment: &Environment) -> Option<(PathBuf, Self)> {
        if self.root.ancestors().any(is_kept_by_another) {
            return None;
        }
        if is_kept_by_bun(&self.root, environment) {
            self.manager = MANAGERS[1];
        }
        let (program, tools) = self.program()?;
        self.tools = (tools.is_dir() && self.changes_path()).then_some(tools);
        Some((program, self))
    }

    /// Whether the wrapper puts the tools on `PATH`.
    fn changes_path(&self) -> bool {
        let wrapper = fs::read_to_string(self.root.join("bin/codex.js"));
        wrapper.is_ok_and(|wrapper| wrapper.contains("PATH"))
    }

    /// Whether the native program is there. npm leaves it out without a word if it cannot be fetched, because it comes
    /// in a package that is optional.
    pub fn is_whole(&self) -> bool {
        self.program().is_some()
    }

    /// Changes `environment` as the wrapper does.
    pub fn add_to(&self, environment: &mut Environment) {
        for manager in MANAGERS {
            environment.remove(OsStr::new(manager));
        }
        environment.insert(self.manager.into(), "1".into());
        environment.insert("CODEX_MANAGED_PACKAGE_ROOT".into(), self.root.clone().into());
        let Some(tools) = &self.tools else { return };
        let mut path = OsString::from(tools);
        if let Some(given) = environment.get(OsStr::new("PATH")).filter(|given| !given.is_empty()) {
            path.push(":");
            path.push(given);
        }
        environment.insert("PATH".into(), path);
    }

    /// The native program, and where its tools would be.
    fn program(&self) -> Option<(PathBuf, PathBuf)> {
        let (platform, triple) = platform()?;
        let vendor = self.vendor(platform).join(triple);
        // Up to 0.132 the program lay in `codex/` and its tools in `path/`.
        let layouts = [("bin/codex", "codex-path"), ("codex/codex", "path")];
        layouts
            .into_iter()
            .map(|(program, tools)| (vendor.join(program), vendor.join(tools)))
            .find(|(program, _)| program.is_file())
    }

    /// Searches as Node.js resolves a package: in the `node_modules` of each folder above. Very old packages brought
    /// all platforms along.
    fn vendor(&self, platform: &str) -> PathBuf {
        let above = self.root.ancestors().filter(|folder| !folder.ends_with("node_modules"));
        let mut packages = above.map(|folder| folder.join("node_modules/@openai").join(format!("codex-{platform}")));
        let package = packages.find(|package| package.join("package.json").is_file());
        package.unwrap_or_else(|| self.root.clone()).join("vendor")
    }
}

/// The package and the triple of this machine.
pub(super) fn platform() -> Option<(&'static str, &'static str)> {
    let platforms = [
        (
            cfg!(all(target_os = "linux", target_arch = "x86_64")),
            "linux-x64",
            "x86_64-unknown-linux-musl",
        ),
        (
            cfg!(all(target_os = "linux", target_arch = "aarch64")),
            "linux-arm64",
            "aarch64-unknown-linux-musl",
        ),
        (
            cfg!(all(target_os = "macos", target_arch = "x86_64")),
            "darwin-x64",
            "x86_64-apple-darwin",
        ),
        (
            cfg!(all(target_os = "macos", target_arch = "aarch64")),
            "darwin-arm64",
            "aarch64-apple-darwin",
        ),
    ];
    platforms
        .into_iter()
        .find_map(|(here, name, triple)| here.then_some((name, triple)))
}

/// pnpm's and Vite+'s marks, as 0.169's wrapper looks for them.
fn is_kept_by_another(folder: &Path) -> bool {
    folder.join("node_modules/.modules.yaml").exists() || folder.join("packages/@openai/codex.json").exists()
}

fn is_kept_by_bun(root: &Path, environment: &Environment) -> bool {
    let says = |variable: &str, word: &str| {
        environment
            .get(OsStr::new(variable))
            .is_some_and(|value| value.to_string_lossy().contains(word))
    };
    says("npm_config_user_agent", "bun/")
        || says("npm_execpath", "bun")
        || root.to_string_lossy().contains(".bun/install/global")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An installation as npm lays it out, with `codex` linked to the wrapper.
    fn installed(folder: &Path, package: &str, program: &str, tools: &str) -> PathBuf {
        let (name, triple) = platform().unwrap();
        let wrapper = folder.join("node_modules/@openai/codex/bin/codex.js");
        let native = folder.join(package).join(format!("@openai/codex-{name}"));
        let program = native.join("vendor").join(triple).join(program);
        for file in [&wrapper, &native.join("package.json"), &program] {
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        fs::write(&wrapper, "const env = { ...process.env, PATH: updatedPath };").unwrap();
        fs::create_dir_all(native.join("vendor").join(triple).join(tools)).unwrap();
        let link = folder.join("codex");
        std::os::unix::fs::symlink(wrapper, &link).unwrap();
        link
    }

    fn given(variables: &[(&str, &str)]) -> Environment {
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    #[test]
    fn the_native_program_is_found_beside_within_and_in_its_older_place() {
        let nested = "node_modules/@openai/codex/node_modules";
        for (package, program, tools) in [
            ("node_modules", "bin/codex", "codex-path"),
            (nested, "bin/codex", "codex-path"),
            ("node_modules", "codex/codex", "path"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let base = folder.path().canonicalize().unwrap();
            let link = installed(&base, package, program, tools);
            let (found, package) = Package::of(&link).unwrap().native(&Environment::new()).unwrap();
            assert!(
                found.ends_with(program) && found.starts_with(&base),
                "{}",
                found.display()
            );
            let mut environment = given(&[("PATH", "/bin"), ("CODEX_MANAGED_BY_BUN", "1")]);
            package.add_to(&mut environment);
            let vendor = found.parent().unwrap().parent().unwrap();
            let expected = given(&[
                ("CODEX_MANAGED_BY_NPM", "1"),
                (
                    "CODEX_MANAGED_PACKAGE_ROOT",
                    base.join("node_modules/@openai/codex").to_str().unwrap(),
                ),
                ("PATH", &format!("{}:/bin", vendor.join(tools).display())),
            ]);
            assert_eq!(environment, expected);
        }
    }

    #[test]
    fn bun_is_told_from_npm() {
        let folder = tempfile::tempdir().unwrap();
        let link = installed(folder.path(), "node_modules", "bin/codex", "codex-path");
        let by = |environment: &Environment| Package::of(&link).unwrap().native(environment).unwrap().1.manager;
        assert_eq!(by(&given(&[])), "CODEX_MANAGED_BY_NPM");
        assert_eq!(
            by(&given(&[("npm_config_user_agent", "bun/1.3.1 linux")])),
            "CODEX_MANAGED_BY_BUN"
        );
    }

    #[test]
    fn a_package_that_only_its_wrapper_understands_is_left_to_the_wrapper() {
        let folder = tempfile::tempdir().unwrap();
        let link = installed(folder.path(), "node_modules", "bin/codex", "codex-path");
        fs::write(folder.path().join("node_modules/.modules.yaml"), "").unwrap();
        assert_eq!(Package::of(&link).unwrap().native(&Environment::new()), None);
    }

    #[test]
    fn a_program_that_is_no_package_is_itself() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("codex");
        fs::write(&program, "").unwrap();
        assert_eq!(Package::of(&program), None);
    }
}
