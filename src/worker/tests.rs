use super::*;

/// What starts the test `entry` of this test program as a worker.
impl Launch {
    pub(crate) fn of_test(entry: &str) -> Self {
        Self {
            program: "/proc/self/exe".into(),
            arguments: [
                "--exact",
                entry,
                "--ignored",
                "--nocapture",
                "--test-threads=1",
            ]
            .map(Into::into)
            .to_vec(),
            variable: Some(VARIABLE),
        }
    }
}

const VARIABLE: &str = "HOOKFS_TEST_WORKER";

/// The kind that this process is of, if it was started by [`Launch::of_test`].
pub(crate) fn kind() -> Option<String> {
    std::env::var(VARIABLE).ok()
}

const KIND: Kind = Kind {
    name: "test",
    cpu: Duration::from_secs(1),
    wall: Duration::from_secs(100),
    memory: 64 << 20,
    stack: 1 << 20,
    repeats: true,
    is_local: false,
};

#[test]
#[ignore = "what the workers of the tests beside it run"]
fn entry() {
    if kind().is_some() {
        serve(&KIND, || work);
    }
}

fn deep(number: u64, room: [u64; 64]) -> u64 {
    match std::hint::black_box(number) {
        0 => room.iter().sum(),
        more => deep(more - 1, [more; 64]) + room[1],
    }
}

fn work(request: &[u8], asking: &Asking) -> Vec<u8> {
    match request {
        b"spin" => loop {
            std::hint::spin_loop();
        },
        b"sleep" => loop {
            std::thread::sleep(Duration::from_secs(1));
        },
        b"recurse" => deep(u64::MAX, [0; 64]).to_le_bytes().to_vec(),
        b"hoard" => {
            let mut all = Vec::new();
            loop {
                all.push(std::hint::black_box(vec![1_u8; 1 << 20]));
            }
        }
        b"leave" => std::process::exit(7),
        b"chatter" => {
            for number in 0..20_000 {
                eprintln!("word {number}");
            }
            b"said".to_vec()
        }
        b"pid" => std::process::id().to_string().into_bytes(),
        b"descriptors" => {
            let count = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count);
            count.to_string().into_bytes()
        }
        other => [b"got ", asking.ask(other).as_slice()].concat(),
    }
}

fn workers() -> Workers {
    Workers::new(Launch::of_test("worker::tests::entry"))
}

fn run(workers: &Workers, request: &str) -> Result<String, Error> {
    let answer = &mut |question: &[u8]| [question, b"!"].concat();
    let result = workers.run(&KIND, request.as_bytes(), answer)?;
    Ok(String::from_utf8(result).unwrap())
}

fn pid(workers: &Workers) -> rustix::process::Pid {
    let number = run(workers, "pid").unwrap().parse().unwrap();
    rustix::process::Pid::from_raw(number).unwrap()
}

/// Waits until a process is gone, reaped as well.
fn gone(pid: rustix::process::Pid) {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(std::time::Instant::now() < deadline, "{pid:?} lives");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_worker_asks_and_is_kept() {
    let workers = workers();
    assert_eq!(run(&workers, "what").unwrap(), "got what!");
    let first = pid(&workers);
    assert_eq!(pid(&workers), first);
    let large = "x".repeat(5 << 20);
    assert_eq!(run(&workers, &large).unwrap().len(), large.len() + 5);
    // Three standard ones, the two ends that it uses, and the folder that is read.
    let count: usize = run(&workers, "descriptors").unwrap().parse().unwrap();
    assert!(count <= 6, "{count} descriptors");
    drop(workers);
    gone(first);
}

#[test]
fn a_worker_that_says_much_is_not_held_up() {
    // More than a pipe holds, and again by one that is kept.
    let workers = workers();
    for _ in 0..2 {
        assert_eq!(run(&workers, "chatter").unwrap(), "said");
    }
}

#[test]
fn limits_are_told_apart() {
    let workers = workers();
    for _ in 0..2 {
        let spun = run(&workers, "spin").unwrap_err();
        assert_eq!(spun.to_string(), "it ran longer than 1 s");
        let fell = run(&workers, "recurse").unwrap_err();
        assert!(matches!(fell, Error::Stack), "{fell}");
        let hoarded = run(&workers, "hoard").unwrap_err();
        assert!(matches!(hoarded, Error::Memory(_)), "{hoarded}");
        assert_eq!(run(&workers, "well").unwrap(), "got well!");
    }
}

#[test]
fn a_worker_that_is_killed_is_replaced() {
    let workers = workers();
    let first = pid(&workers);
    rustix::process::kill_process(first, rustix::process::Signal::KILL).unwrap();
    assert_ne!(pid(&workers), first);
    gone(first);

    // While it waits for an answer.
    let second = pid(&workers);
    let mut killed = false;
    let answer = &mut |question: &[u8]| {
        if !std::mem::replace(&mut killed, true) {
            rustix::process::kill_process(second, rustix::process::Signal::KILL).unwrap();
        }
        question.to_vec()
    };
    let result = workers.run(&KIND, b"again", answer).unwrap();
    assert_eq!(result, b"got again");
    gone(second);

    let died = run(&workers, "leave").unwrap_err();
    assert!(
        died.to_string().contains("exit status: 7"),
        "names its end: {died}"
    );
}

#[test]
fn stuck_workers_leave_room() {
    let workers = workers();
    std::thread::scope(|scope| {
        let stuck = scope.spawn(|| run(&workers, "spin").unwrap_err());
        assert_eq!(run(&workers, "well").unwrap(), "got well!");
        assert!(matches!(stuck.join().unwrap(), Error::Time(_)));
    });
}

#[test]
fn many_stuck_workers_leave_room_too_and_are_all_ended() {
    const STUCK: Kind = Kind {
        wall: Duration::from_secs(6),
        ..KIND
    };
    let mut workers = workers();
    workers.most = 2;
    let begun = std::time::Instant::now();
    std::thread::scope(|scope| {
        let workers = &workers;
        let run = move |request: &[u8]| workers.run(&STUCK, request, &mut |_| b"it".to_vec());
        let stuck: Vec<_> = (0..5).map(|_| scope.spawn(move || run(b"sleep"))).collect();
        std::thread::sleep(Duration::from_millis(500));
        // More than may be done at the same time wait for their turn, and none waits for a limit.
        assert_eq!(run(b"well").unwrap(), b"got it");
        assert!(begun.elapsed() < STUCK.wall, "{:?}", begun.elapsed());
        // It is done at once where those have been there for a while.
        std::thread::sleep(Duration::from_secs(4).saturating_sub(begun.elapsed()));
        let again = std::time::Instant::now();
        assert_eq!(run(b"well").unwrap(), b"got it");
        assert!(
            again.elapsed() < Duration::from_secs(1),
            "{:?}",
            again.elapsed()
        );
        for one in stuck {
            let error = one.join().unwrap().unwrap_err();
            assert!(matches!(error, Error::Time(_)), "{error}");
        }
    });
    assert!(begun.elapsed() < 2 * STUCK.wall, "{:?}", begun.elapsed());
}

#[test]
fn what_cannot_be_started_says_so() {
    let workers = Workers::new(Launch::of("/nowhere/hookfs".into()));
    let error = run(&workers, "well").unwrap_err();
    assert!(matches!(error, Error::Start(_)), "{error}");
}
