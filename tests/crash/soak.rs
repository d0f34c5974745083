//! Writers and readers of one directory, in several processes, of which one is killed at
//! random every now and then. Who follows the latest checkpoint never meets a torn one.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::WriterOptions;
use tfckpt::checkpoint::{
    Depth, GcOptions, LatestValidOptions, Manager, ManagerOptions, Reader, gc, latest, latest_valid,
};
use tfckpt::tensor::{DType, Shape};

use super::support::random::Random;

/// Where a process finds what it is, and its directory.
const ROLE: &str = "TFCKPT_SOAK_ROLE";
const DIR: &str = "TFCKPT_SOAK_DIR";
/// How long it goes on, where that is said.
const SECONDS: &str = "TFCKPT_SOAK_SECONDS";

const ROLES: [&str; 5] = ["writer", "writer", "reader", "reader", "collector"];
const ELEMENTS: i64 = 3000;
const NAMES: [&str; 4] = ["a", "b", "c", "d"];
/// Between two deaths.
const PERIOD: Duration = Duration::from_millis(250);

/// Beside the directory there are counts: a file for each, of one byte for each event.
struct Place {
    dir: PathBuf,
}

impl Place {
    fn checkpoints(&self) -> PathBuf {
        self.dir.join("run")
    }

    fn count(&self, what: &str) {
        let path = self.dir.join(what);
        let mut file = OpenOptions::new().append(true).create(true).open(path).unwrap();
        file.write_all(b".").unwrap();
    }

    fn counted(&self, what: &str) -> u64 {
        fs::metadata(self.dir.join(what)).map_or(0, |metadata| metadata.len())
    }
}

/// Not a test of its own: what the processes do, until they are killed.
#[test]
fn a_process_of_the_soak() {
    let Some(role) = std::env::var_os(ROLE) else { return };
    let place = Place { dir: std::env::var_os(DIR).unwrap().into() };
    match role.to_str().unwrap() {
        "writer" => write_forever(&place),
        "reader" => read_until(&place, None),
        "collector" => collect_forever(&place),
        other => panic!("{other}"),
    }
}

fn manager(place: &Place) -> Manager {
    let writer = WriterOptions { num_shards: 3, ..WriterOptions::default() };
    let options = ManagerOptions { max_to_keep: Some(2), writer, ..Default::default() };
    Manager::open_with(place.checkpoints(), options).unwrap()
}

fn write_forever(place: &Place) {
    let manager = manager(place);
    let mut random = Random(u64::from(std::process::id()));
    loop {
        // Somebody else may have begun, or finished, the same step.
        let mut save = match manager.save() {
            Ok(save) => save,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => panic!("{error}"),
        };
        let mut values = random.next().to_le_bytes().repeat(ELEMENTS as usize / 8);
        values.extend_from_slice(&save.step().to_le_bytes());
        let shape = Shape::new([values.len() as i64]).unwrap();
        for name in NAMES {
            save.add(name, DType::UINT8, &shape, &values).unwrap();
        }
        match save.finish() {
            Ok(saved) => {
                assert!(saved.removal_problems.is_empty(), "{:?}", saved.removal_problems);
                place.count("saves");
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => place.count("told"),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Follows the latest: of several writers, that of who finished last.
fn read_until(place: &Place, end: Option<Instant>) {
    let dir = place.checkpoints();
    while end.is_none_or(|end| Instant::now() < end) {
        let Some(prefix) = latest(&dir).unwrap() else { continue };
        let reader = match Reader::open(&prefix) {
            Ok(reader) => reader,
            // It was removed since: there are newer ones.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                place.count("swept");
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        check_values(&reader, &prefix);
        place.count("reads");
    }
}

/// Reads everything, which is all of one save.
fn check_values(reader: &Reader, prefix: &Path) {
    let all = NAMES.map(|name| reader.read(name).unwrap_or_else(|error| panic!("{error}")));
    assert!(all.iter().all(|values| *values == all[0]), "{prefix:?} is a mixture");
    let (_, step) = all[0].split_last_chunk::<8>().unwrap();
    let step = u64::from_le_bytes(*step);
    assert!(prefix.to_str().unwrap().ends_with(&format!("-{step}")), "{prefix:?} is of {step}");
}

fn collect_forever(place: &Place) {
    loop {
        let collected = gc(place.checkpoints(), &GcOptions::default()).unwrap();
        assert!(collected.problems.is_empty(), "{:?}", collected.problems);
        place.count("collections");
        thread::sleep(Duration::from_millis(5));
    }
}

fn start(role: &str, place: &Place) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["soak::a_process_of_the_soak", "--exact", "--nocapture"])
        .env(ROLE, role)
        .env(DIR, &place.dir)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills one at random each time, and starts another in its place. None ends by itself.
fn kill_until(end: Instant, place: &Place) -> usize {
    let mut random = Random(1);
    let mut processes = ROLES.map(|role| start(role, place));
    let mut killed = 0;
    while Instant::now() < end {
        thread::sleep(PERIOD.mul_f64(0.5 + random.below(1000) as f64 / 1000.0));
        let ended = processes.iter_mut().position(|process| process.try_wait().unwrap().is_some());
        if let Some(at) = ended {
            stop(&mut processes);
            panic!("a {} ended by itself: its output says why", ROLES[at]);
        }
        let at = random.below(processes.len());
        stop(&mut processes[at..=at]);
        processes[at] = start(ROLES[at], place);
        killed += 1;
    }
    stop(&mut processes);
    killed
}

fn stop(processes: &mut [Child]) {
    for process in processes {
        process.kill().unwrap();
        process.wait().unwrap();
    }
}

#[test]
fn readers_never_meet_a_torn_checkpoint() {
    let seconds = std::env::var(SECONDS).map_or(20, |seconds| seconds.parse().unwrap());
    let dir = TempDir::new().unwrap();
    let place = Place { dir: dir.path().to_path_buf() };
    fs::create_dir(place.checkpoints()).unwrap();
    let end = Instant::now() + Duration::from_secs(seconds);
    let killed = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..2).map(|_| scope.spawn(|| read_until(&place, Some(end)))).collect();
        let killed = kill_until(end, &place);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        killed
    });
    check_end(&place);
    let [saves, reads, told, swept, collections] =
        ["saves", "reads", "told", "swept", "collections"].map(|what| place.counted(what));
    println!(
        "soak of {seconds} s: {saves} saves, {told} told that a step is taken, {reads} \
         checkpoints read whole, {swept} gone before they were opened, {collections} \
         collections, {killed} processes killed"
    );
    assert!(saves > 10 && reads > 10 && killed > 5);
}

/// After all are dead one more save comes through, and what they left can be collected.
fn check_end(place: &Place) {
    let dir = place.checkpoints();
    let valid = LatestValidOptions { depth: Depth::Checksums, ..Default::default() };
    let found = latest_valid(&dir, &valid).unwrap().unwrap();
    assert!(found.skipped.is_empty(), "{:?}", found.skipped);
    let mut save = manager(place).save().unwrap();
    save.add("x", DType::UINT8, &Shape::new([1]).unwrap(), &[1]).unwrap();
    save.finish().unwrap();
    let options = GcOptions { orphans: true, min_age: Duration::ZERO, ..GcOptions::default() };
    let collected = gc(&dir, &options).unwrap();
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    for entry in fs::read_dir(&dir).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with(".tfckpt-"), "{name}");
    }
}
