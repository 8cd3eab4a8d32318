use std::os::unix::fs::symlink;

use super::*;

struct Machine {
    folder: tempfile::TempDir,
    crelay: Crelay,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        fs::create_dir(base.join("opt")).unwrap();
        fs::create_dir(base.join("bin")).unwrap();
        let [program, behind] = ["bin/crelay", "opt/crelay-0.1.0"].map(|name| base.join(name));
        fs::write(&behind, "").unwrap();
        symlink(&behind, &program).unwrap();
        let crelay = Crelay { program, behind };
        Self { folder, crelay }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join(name)
    }

    fn config(&self) -> PathBuf {
        self.path("config")
    }

    fn shim(&self, name: &str, options: &[&str]) -> Shim {
        let options = options.iter().map(ToString::to_string).collect();
        Shim::new(name, &self.path("shims"), options).unwrap()
    }

    fn create(&self, shim: &Shim) -> Result<(), Error> {
        shim.create(&self.config(), &self.crelay)
    }
}

#[test]
fn a_name_is_found_with_what_it_means_and_is_gone_when_it_is_removed() {
    let machine = Machine::new();
    let shims = ["b", "codex", "a.b"].map(|name| machine.shim(name, &["-P", name]));
    shims.iter().for_each(|shim| machine.create(shim).unwrap());
    assert_eq!(
        Shim::find(&machine.config(), "codex").unwrap().as_ref(),
        Some(&shims[1])
    );
    assert_eq!(fs::read_link(&shims[1].link).unwrap(), machine.crelay.program);
    let names: Vec<String> = Shim::all(&machine.config())
        .unwrap()
        .into_iter()
        .map(|shim| shim.name)
        .collect();
    assert_eq!(names, ["a.b", "b", "codex"]);
    assert_eq!(
        shims[1].remove(&machine.config(), &machine.crelay).unwrap(),
        Unlinked::Removed
    );
    assert!(shims[1].link.symlink_metadata().is_err());
    assert_eq!(Shim::find(&machine.config(), "codex").unwrap(), None);
    assert_eq!(
        shims[1].remove(&machine.config(), &machine.crelay).unwrap(),
        Unlinked::Absent
    );
}

#[test]
fn a_name_is_given_another_meaning_but_no_second_place() {
    let machine = Machine::new();
    machine.create(&machine.shim("a", &["-P", "kimi"])).unwrap();
    machine.create(&machine.shim("a", &["-P", "glm"])).unwrap();
    assert_eq!(
        Shim::find(&machine.config(), "a").unwrap().unwrap().options,
        ["-P", "glm"]
    );
    let elsewhere = Shim::new("a", &machine.path("elsewhere"), Vec::new()).unwrap();
    assert!(matches!(machine.create(&elsewhere), Err(Error::Elsewhere { .. })));
    // Unless nothing is left of the first.
    fs::remove_file(machine.path("shims/a")).unwrap();
    machine.create(&elsewhere).unwrap();
}

#[test]
fn what_is_not_crelays_is_neither_replaced_nor_removed() {
    let machine = Machine::new();
    fs::create_dir(machine.path("shims")).unwrap();
    let shim = machine.shim("a", &[]);
    fs::write(machine.path("other"), "").unwrap();
    let foreign: [&dyn Fn(); 4] = [
        &|| fs::write(&shim.link, "mine").unwrap(),
        &|| symlink(machine.path("other"), &shim.link).unwrap(),
        &|| symlink("nowhere", &shim.link).unwrap(),
        &|| fs::hard_link(&machine.crelay.behind, &shim.link).unwrap(),
    ];
    for put in foreign {
        put();
        let before = shim.link.symlink_metadata().unwrap();
        assert!(matches!(machine.create(&shim), Err(Error::Foreign(_))));
        assert_eq!(Shim::find(&machine.config(), "a").unwrap(), None);
        assert_eq!(
            shim.remove(&machine.config(), &machine.crelay).unwrap(),
            Unlinked::Foreign
        );
        assert_eq!(
            shim.link.symlink_metadata().unwrap().modified().unwrap(),
            before.modified().unwrap()
        );
        fs::remove_file(&shim.link).unwrap();
    }
}

#[test]
fn a_link_to_a_crelay_that_is_gone_or_another_is_taken_over() {
    let machine = Machine::new();
    fs::create_dir(machine.path("shims")).unwrap();
    fs::create_dir(machine.path("old")).unwrap();
    let shim = machine.shim("a", &[]);
    let old = machine.path("old/crelay");
    for old_is_there in [true, false] {
        fs::write(&old, "").unwrap();
        symlink(&old, &shim.link).unwrap();
        if !old_is_there {
            fs::remove_file(&old).unwrap();
        }
        machine.create(&shim).unwrap();
        assert_eq!(fs::read_link(&shim.link).unwrap(), machine.crelay.program);
        fs::remove_file(&shim.link).unwrap();
    }
}

#[test]
fn names_that_nobody_could_call_are_refused() {
    let refused = |name: &str| Shim::new(name, Path::new("/bin"), Vec::new()).unwrap_err();
    for name in ["crelay", "Crelay"] {
        assert!(matches!(refused(name), Error::Own));
    }
    for name in ["", "-a", ".a", "a/b", "../a", "a b", "a\n", "a;b", "~"] {
        assert!(matches!(refused(name), Error::Name(_)), "{name:?}");
    }
    for name in ["codex", "codex-deepseek", "crelay-kimi", "g++", "a.b", "é"] {
        assert!(Shim::new(name, Path::new("/bin"), Vec::new()).is_ok(), "{name}");
    }
}

#[test]
fn the_name_is_the_last_part_of_what_was_called() {
    let name = |called: &str| name_in(OsStr::new(called));
    assert_eq!(name("/usr/bin/codex").as_deref(), Some("codex"));
    assert_eq!(name("codex").as_deref(), Some("codex"));
    for called in ["crelay", "./crelay", "/usr/bin/crelay", "", "/"] {
        assert_eq!(name(called), None, "{called}");
    }
}

#[test]
fn what_was_written_by_hand_wrongly_is_told_with_its_place() {
    let machine = Machine::new();
    fs::create_dir_all(machine.path("config/shims")).unwrap();
    for text in [
        "link = 5",
        "link = \"/a\"\noptions = []\nother = 1\n",
        "[",
        "options = []",
    ] {
        fs::write(machine.path("config/shims/a.toml"), text).unwrap();
        let error = Shim::find(&machine.config(), "a").unwrap_err();
        assert!(error.to_string().contains("shims/a.toml`: "), "{error}");
    }
}
