//! Any number of copies behind a load balancer.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::signal::Signal;
use serde_json::json;

use super::{Server, TOKEN, serve};
use crate::codex::CONFIG;
use crate::kit::{Codex, Home, Process, Provider, Rules, call, reasoning};

/// `nginx` as the package manager installs it. Debian puts it where users do not look.
fn nginx() -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([Path::new("/usr/sbin").to_owned()]);
    folders
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file())
}

/// A running nginx. It ends its workers only if it may end by itself.
struct Balancer(Process);

impl Drop for Balancer {
    fn drop(&mut self) {
        self.0.signal(Signal::SIGTERM);
        self.0.exit_code();
    }
}

/// nginx with nothing but its defaults, before `copies`. It takes over `socket` as its own successor would.
fn balance(home: &Home, program: &Path, socket: TcpListener, copies: &[&Server]) -> Command {
    let address = socket.local_addr().unwrap();
    let folder = home.path().join("nginx");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display();
    let servers: String = copies
        .iter()
        .map(|copy| format!("server {};", copy.url.strip_prefix("http://").unwrap()))
        .collect();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary
        .iter()
        .map(|kind| format!("{kind}_temp_path {folder}/{kind};"))
        .collect();
    // Started by root, it would work as somebody who may not enter the test's folder.
    let user = if nix::unistd::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let configuration = format!(
        "daemon off; {user} worker_processes 1; pid {folder}/pid; error_log stderr; events {{}}
         http {{ access_log off; client_max_body_size 64m; {temporary} upstream copies {{ {servers} }}
         server {{ listen {address}; location / {{ proxy_pass http://copies; }} }} }}"
    );
    let file = home.path().join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let mut command = home.command("sh");
    command
        .args(["-c", "NGINX='3;' exec \"$0\" -c \"$1\" 3<&0 </dev/null"])
        .arg(program)
        .arg(file);
    command.stdin(Stdio::from(OwnedFd::from(socket)));
    command
}

/// How many turns a copy has served.
fn turns(copy: &Server) -> u64 {
    let page = copy.ask_as_client("GET", "/metrics", "").body;
    let line = page
        .lines()
        .find_map(|line| line.strip_prefix("crelay_turns_total{outcome=\"completed\"} "));
    line.unwrap().parse().unwrap()
}

#[test]
fn a_task_goes_on_with_whichever_copy_the_balancer_chooses() {
    let Some(nginx) = nginx() else {
        // Past the test's own capture, or nobody would read it.
        let _ = writeln!(
            std::io::stderr(),
            "not tested: copies behind nginx, for there is no `nginx` (`apt install nginx`)"
        );
        return;
    };
    let echo = |word: &str| call("exec_command", json!({"cmd": format!("echo {word}")}));
    // The mock wants every thought back as it was, whichever copy heard it.
    let provider = Provider::start(Rules::DEEPSEEK).to(
        "Look around.",
        [
            reasoning("Where am I?").then_calls([echo("here"), echo("there")]),
            reasoning("Once more.").then_calls([echo("everywhere")]),
            reasoning("And again.").then_calls([echo("again")]),
            reasoning("That is all.").then_text("Seen."),
        ],
    );
    let (homes, codex) = ([Home::new(), Home::new(), Home::new()], Codex::take());
    let [one, other] = [0, 1].map(|copy| Server::start(serve(&homes[copy], &provider).env("CRELAY_TOKEN", TOKEN)));
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let _balancer = Balancer(Process::spawn_reading(&mut balance(
        &homes[2],
        &nginx,
        socket,
        &[&one, &other],
    )));
    let config = format!(
        r#"model = "deepseek-v4-pro"
model_provider = "relays"
model_providers.relays = {{ name = "Relays", base_url = "http://{address}/v1", wire_api = "responses", env_key = "CRELAY_TOKEN" }}
{CONFIG}"#
    );
    let home = Home::configured(&config);
    let mut command = home.command(codex.program());
    command
        .args(["exec", "--skip-git-repo-check", "Look around."])
        .env("CRELAY_TOKEN", TOKEN)
        .env("HTTPS_PROXY", "http://127.0.0.1:9");
    let ended = Process::run(&mut command).well();
    assert_eq!(ended.stdout.trim_end(), "Seen.");
    assert_eq!((turns(&one), turns(&other)), (2, 2));
}
