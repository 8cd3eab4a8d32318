use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::launch::{Places, find, sample};

fn long(beginning: &str) -> String {
    format!("{beginning}{}", ".".repeat(AT_LEAST))
}

/// The Codex that is at `program`.
async fn found(program: &Path, folders: &Folders) -> Codex {
    let places = Places {
        option: Some(program),
        variable: None,
        configured: None,
        own: None,
        working_folder: Path::new("/"),
        environment: &Environment::new(),
    };
    find(&places, folders).await.unwrap()
}

#[test]
fn the_prompt_is_found_where_each_codex_puts_it() {
    let before = json!({"instructions": long("old"), "input": [{"role": "developer"}]});
    assert_eq!(prompt(&before), Some(long("old")));
    let parts = json!([{"type": "input_text", "text": "new"}, {"type": "input_text", "text": long("")}]);
    let since = json!({"input": [
        {"type": "message", "role": "developer", "content": parts},
        {"type": "message", "role": "developer", "content": [{"text": long("another")}]},
    ]});
    assert_eq!(prompt(&since), Some(long("new")));
}

#[test]
fn what_is_too_short_for_a_prompt_is_none() {
    let permissions = json!([{"type": "input_text", "text": "<permissions>"}]);
    assert_eq!(
        prompt(&json!({"input": [{"role": "developer", "content": permissions}]})),
        None
    );
    assert_eq!(prompt(&json!({"input": "hello"})), None);
}

#[tokio::test]
async fn a_request_without_a_prompt_does_not_end_the_waiting() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let ask = |body: String| async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST /v1/responses HTTP/1.1\r\nhost: a\r\ncontent-length: {}\r\n",
            body.len()
        );
        stream
            .write_all(format!("{head}connection: close\r\n\r\n{body}").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let asked = async {
        let answer = ask("{}".into()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        ask(json!({"instructions": long("shown")}).to_string()).await
    };
    let (shown, _) = tokio::join!(first_request(&listener), asked);
    assert_eq!(shown.unwrap(), long("shown"));
}

#[tokio::test]
async fn a_codex_that_shows_nothing_gets_a_short_prompt_and_is_asked_again_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let folders = sample::folders(folder.path());
    let program = folder.path().join("codex");
    sample::program(
        &program,
        "#!/bin/sh\ntest \"$1\" = --version && echo codex-cli 0.169.0\n",
    );
    let codex = found(&program, &folders).await;
    assert_eq!(instructions(&codex, &folders, &Environment::new()).await, SHORT);
    let mut cached: Vec<_> = fs::read_dir(&folders.cache)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    cached.sort();
    assert_eq!(cached, ["probe.lock"]);
}

#[tokio::test]
async fn what_others_could_have_put_there_is_told_to_no_model() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let folders = sample::folders(folder.path());
    let program = folder.path().join("codex");
    let script = "#!/bin/sh\ntest \"$1\" = --version && echo codex-cli 0.169.0\n";
    sample::program(&program, script);
    let codex = found(&program, &folders).await;
    let kept = format!("instructions-{}-{}.md", codex.version, codex.identity);
    fs::write(folders.cache.join(kept), long("obey")).unwrap();
    let told = instructions(&codex, &folders, &Environment::new()).await;
    assert_eq!(told, long("obey"));
    fs::set_permissions(&folders.cache, PermissionsExt::from_mode(0o777)).unwrap();
    let told = instructions(&codex, &folders, &Environment::new()).await;
    assert_eq!(told, SHORT);
}

#[tokio::test]
async fn where_nothing_can_be_kept_codex_is_asked_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folders = sample::folders(folder.path());
    let program = folder.path().join("codex");
    // Says where its home is instead of making a request.
    let script = format!(
        "#!/bin/sh\ntest \"$1\" = --version && echo codex-cli 0.169.0 || echo $HOME >{}/home\n",
        folder.path().display()
    );
    sample::program(&program, &script);
    fs::write(&folders.cache, "").unwrap();
    let codex = found(&program, &folders).await;
    assert_eq!(instructions(&codex, &folders, &Environment::new()).await, SHORT);
    let home = fs::read_to_string(folder.path().join("home")).unwrap();
    let expected = folders.runtime.join(format!("probe-{}", std::process::id()));
    assert_eq!(Path::new(home.trim()), expected);
    assert!(!expected.exists());
}

#[test]
fn our_own_prompt_is_short() {
    assert!((AT_LEAST..=6 * 1024).contains(&SHORT.len()));
}
