//! What a machine or a user has run out of: open files, processes, ports.

use super::{Fake, after, left_in_state, sentence, told, under};
use crate::kit::Process;

#[test]
fn too_few_open_files_are_told_and_are_no_fault_of_codexs() {
    let mut codes = Vec::new();
    for limit in 6..24 {
        let fake = Fake::new();
        let ended = Process::run(&mut after(&fake, &format!("ulimit -n {limit}"), &fake.script("exit 6")));
        let words = sentence(&fake, &ended.stderr);
        match ended.code {
            6 => assert_eq!(words, ""),
            // With very few, a library panics.
            125 => assert!(
                words.starts_with("error: ") && words.contains("\n\nhint: "),
                "{limit}: {words}"
            ),
            code => panic!("{limit}: {code} {words}"),
        }
        codes.push(ended.code);
        assert_eq!(left_in_state(&fake), [""; 0], "{limit}");
        fake.home.assert_nothing_is_left();
    }
    assert!(codes.contains(&6) && codes.contains(&125), "{codes:?}");
}

#[test]
fn a_codex_for_which_no_file_is_left_is_told() {
    let fake = Fake::new();
    let mut command = after(&fake, "ulimit -n 12", &fake.script("echo started"));
    let expected = "error: cannot start Codex: too many open files\n\nhint: allow more open \
                    files with `ulimit -n 1024`\n";
    assert_eq!(told(&fake, &mut command), (125, expected.to_owned()));
}

#[test]
fn a_user_with_too_many_processes_is_told() {
    let fake = Fake::new();
    // The limit counts for everybody but root. Nobody else has this number.
    let user = format!("{}", 700_000_000 + std::process::id());
    let mut other = vec!["setpriv", "--reuid", &user, "--regid", &user, "--clear-groups"];
    if nix::unistd::geteuid().is_root() {
        super::prepare(&fake, &format!("chown -R {user}:{user} ."));
    } else {
        other = vec!["env"];
    }
    let can_run = Process::run(under(&fake, &other, &fake.home.crelay()).arg("--version")).code == 0;
    if !can_run {
        eprintln!("skipped: other users cannot run what was built here");
        return;
    }
    let limited = under(&fake, &["prlimit", "--nproc=1"], &fake.script("echo started"));
    let expected = "error: cannot start Codex: resource temporarily unavailable\n\nhint: close \
                    programs, or allow more processes with `ulimit -u`\n";
    assert_eq!(
        told(&fake, &mut under(&fake, &other, &limited)),
        (125, expected.to_owned())
    );
    assert_eq!(left_in_state(&fake), [""; 0]);
}

/// What is said in a network of its own, made by `script`, of the address that no listener gets.
fn told_in_network(script: &str, without: &str) -> Option<(i32, String)> {
    let fake = Fake::new();
    let alone = ["unshare", "-rn", "sh", "-ec", script, "sh"];
    if Process::run(under(&fake, &alone, &fake.home.command("true")).arg("true")).code != 0 {
        eprintln!("skipped: this user may not have a network of its own");
        return None;
    }
    let mut command = under(&fake, &["setpriv", without], &fake.script("echo started"));
    command = under(&fake, &alone, &command);
    let told = told(&fake, &mut command);
    assert_eq!(left_in_state(&fake), [""; 0]);
    Some(told)
}

#[test]
fn a_machine_on_which_nothing_can_listen_is_told() {
    let no_address = "ip link set lo up; ip addr del 127.0.0.1/8 dev lo; exec \"$@\"";
    let no_port = "cd /proc/sys/net/ipv4; echo 65535 65535 >ip_local_port_range
                   echo 65535 >ip_unprivileged_port_start; echo 65535 >ip_local_reserved_ports; cd; exec \"$@\"";
    for (script, cause, hint) in [
        (
            no_address,
            "cannot assign requested address",
            "bring the loopback interface up with `ip link set lo up`",
        ),
        (
            no_port,
            "address already in use",
            "close programs: no port of this machine is free",
        ),
    ] {
        let Some(told) = told_in_network(script, "--bounding-set=-net_bind_service") else {
            return;
        };
        let expected = format!("error: cannot listen on 127.0.0.1: {cause}\n\nhint: {hint}\n");
        assert_eq!(told, (125, expected));
    }
}

#[test]
fn a_command_line_that_is_too_long_is_told() {
    let fake = Fake::new();
    // A quarter of the stack is for the line: what just fits as it is typed does not with what crelay adds.
    const ROOM: usize = 512 * 1024 / 4;
    let mut command = fake.codex(&["-m", "some-model"], &["exec"]);
    let typed: usize = command.get_args().map(|word| word.len() + 9).sum();
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some(name.len() + value?.len() + 10));
    let long = "x".repeat(ROOM - typed - set.sum::<usize>() - 512);
    let mut command = under(&fake, &["prlimit", "--stack=524288"], command.arg(long));
    let expected = "error: cannot start Codex: argument list too long\n\nhint: give Codex a long \
                    task on standard input: `crelay exec - <FILE`\n";
    assert_eq!(told(&fake, &mut command), (125, expected.to_owned()));
    fake.home.assert_nothing_is_left();
}

#[test]
fn files_that_may_not_be_long_enough_are_told_and_nothing_is_left_of_them() {
    // In blocks of 512 or 1024 bytes, as the shell likes: nothing, or a record but no catalog.
    for (blocks, file) in [("0", "state/crelay/sessions/ID"), ("8", "run/crelay/ID/catalog.json")] {
        let fake = Fake::new();
        let mut command = after(&fake, &format!("ulimit -f {blocks}"), &fake.script("echo started"));
        let expected = format!(
            "error: cannot write `HOME/{file}`: file too large\n\nhint: allow larger files \
             with `ulimit -f unlimited`\n"
        );
        assert_eq!(told(&fake, &mut command), (125, expected));
        assert_eq!(left_in_state(&fake), [""; 0], "{blocks}");
        fake.home.assert_nothing_is_left();
    }
}

#[test]
fn codex_meets_the_limit_of_files_as_if_crelay_were_not_there() {
    let fake = Fake::new();
    let script = "exec 2>/dev/null; ulimit -c 0; (ulimit -f 0; head -c 1 /dev/zero >\"$HOME/file\"); exit $?";
    assert_eq!(told(&fake, &mut fake.script(script)), (128 + 25, String::new()));
}
