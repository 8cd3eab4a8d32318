use super::*;

fn read(source: &Source) -> Result<Option<Secret>, Error> {
    source.read(|_, _| Ok(Secret::new("sk-kept ")))
}

fn variable(value: &str) -> Source {
    Source::Variable {
        name: "A_KEY".into(),
        value: Secret::new(value),
    }
}

fn command(command: &str) -> Result<Option<Secret>, Error> {
    let source = Source::Command {
        provider: "mine".into(),
        command: command.into(),
    };
    read(&source)
}

#[test]
fn a_key_is_trimmed_and_otherwise_left_as_it_is() {
    assert_eq!(read(&variable(" sk-1\n")).unwrap(), Some(Secret::new("sk-1")));
    assert_eq!(read(&Source::Absent).unwrap(), None);
    let kept = Source::Kept {
        provider: "mine".into(),
        place: Place::Keyring,
    };
    assert_eq!(read(&kept).unwrap(), Some(Secret::new("sk-kept")));
}

#[test]
fn what_no_header_can_carry_is_refused_without_being_shown() {
    for value in [
        "",
        " ",
        "sk secret",
        "sk-secret\nX-Evil: 1",
        "sk-secret\u{7f}",
        "schlüssel-secret",
        "https://platform.example/secret",
    ] {
        let error = read(&variable(value)).unwrap_err().to_string();
        assert!(error.starts_with("the key from `A_KEY` "), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn a_file_holds_the_key_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    std::fs::write(&path, "sk-2\n").unwrap();
    assert_eq!(read(&Source::File(path.clone())).unwrap(), Some(Secret::new("sk-2")));
    std::fs::write(&path, "user\nsk-secret\n").unwrap();
    assert!(matches!(read(&Source::File(path)), Err(Error::BadKey { .. })));
    let missing = read(&Source::File(folder.path().join("none")));
    assert!(matches!(missing, Err(Error::File { .. })));
}

#[test]
fn a_command_prints_the_key() {
    assert_eq!(command("printf 'sk-3\\n'").unwrap(), Some(Secret::new("sk-3")));
}

#[test]
fn a_command_that_fails_is_told_by_its_status_and_not_by_its_output() {
    let error = command("echo sk-secret; exit 3").unwrap_err().to_string();
    assert_eq!(error, "`key_command` of `mine` ended with code 3");
}

#[test]
fn a_command_that_hangs_is_given_up() {
    let error = run("mine", "exec tail -f /dev/null", Duration::ZERO)
        .unwrap_err()
        .to_string();
    assert_eq!(error, "`key_command` of `mine` printed no key within 0 seconds");
}

#[test]
fn a_command_that_lives_on_behind_its_output_is_given_up() {
    let mut child = Command::new("sh")
        .args(["-c", "echo sk-4; exec tail -f /dev/null >/dev/null"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(printed(&mut child, PATIENCE).unwrap().as_slice(), b"sk-4\n");
    assert_eq!(ended(&mut child, Instant::now()).unwrap(), None);
    end(&mut child);
    assert!(!ended(&mut child, Instant::now()).unwrap().unwrap().success());
}

#[test]
fn a_command_that_is_given_up_ends_with_all_that_it_started() {
    let script = "sh -c 'echo started; tail -f /dev/null; true'; true";
    let mut child = Command::new("sh")
        .args(["-c", script])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = [0; 8];
    child.stdout.as_mut().unwrap().read_exact(&mut line).unwrap();
    assert_eq!(&line, b"started\n");
    end(&mut child);
    // Whoever lived on would hold the pipe open.
    assert_eq!(printed(&mut child, PATIENCE), Some(Zeroizing::new(Vec::new())));
}
