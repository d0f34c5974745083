//! A manager keeps a directory as TensorFlow's does, and collects what crashes left.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use support::data_dir;
use tempfile::TempDir;
use tfckpt::ErrorKind;
use tfckpt::bundle::{Reader, Writer, WriterOptions, data_path, index_path};
use tfckpt::checkpoint::{
    Clock, Collected, GcOptions, Manager, ManagerOptions, Saved, State, gc, latest,
};
use tfckpt::storage::{LocalStorage, MemoryStorage, Storage};
use tfckpt::tensor::{DType, Shape};

/// A clock that stands still until it is set.
#[derive(Clone, Debug, Default)]
struct FakeClock(Arc<Mutex<f64>>);

impl FakeClock {
    fn set(&self, now: f64) {
        *self.0.lock().unwrap() = now;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> f64 {
        *self.0.lock().unwrap()
    }
}

/// A directory, a clock that ticks with each save, and how to keep them.
struct Fixture {
    dir: TempDir,
    clock: FakeClock,
    options: ManagerOptions,
}

impl Fixture {
    fn new(max_to_keep: Option<usize>) -> Self {
        let clock = FakeClock::default();
        clock.set(1000.0);
        let options = ManagerOptions {
            max_to_keep,
            clock: Arc::new(clock.clone()),
            ..ManagerOptions::default()
        };
        Self { dir: TempDir::new().unwrap(), clock, options }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self) -> Manager {
        Manager::open_with(&self.dir, self.options.clone()).unwrap()
    }

    fn save_at(&self, manager: &Manager, now: f64) -> Saved {
        self.clock.set(now);
        save(manager)
    }

    fn state(&self) -> State {
        State::read(LocalStorage::shared().as_ref(), &self.at("checkpoint")).unwrap()
    }

    /// The names in the directory but for the state file; each index stands for
    /// its checkpoint.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names
            .map(|name| name.into_string().unwrap())
            .filter(|name| name != "checkpoint" && !name.ends_with(".data-00000-of-00001"))
            .map(|name| name.trim_end_matches(".index").to_string())
            .collect();
        names.sort();
        names
    }
}

fn fill(writer: &mut Writer) {
    writer.add("x", DType::INT32, &Shape::new([2]).unwrap(), &[7; 8]).unwrap();
}

fn save(manager: &Manager) -> Saved {
    let mut save = manager.save().unwrap();
    fill(&mut save);
    save.finish().unwrap()
}

fn bundle(prefix: &Path) {
    let mut writer = Writer::create(prefix).unwrap();
    fill(&mut writer);
    writer.finish().unwrap();
}

#[test]
fn the_newest_are_kept() {
    let fixture = Fixture::new(Some(3));
    let manager = fixture.open();
    assert_eq!(manager.latest(), None);
    for step in 1..=5 {
        let saved = fixture.save_at(&manager, 1000.0 + f64::from(step));
        assert_eq!(saved.prefix, fixture.at(&format!("ckpt-{step}")));
        assert!(saved.removal_problems.is_empty());
    }
    assert_eq!(fixture.names(), ["ckpt-3", "ckpt-4", "ckpt-5"]);
    let kept = ["ckpt-3", "ckpt-4", "ckpt-5"].map(|name| fixture.at(name));
    assert_eq!(manager.checkpoints(), kept);
    assert_eq!(latest(&fixture.dir).unwrap(), manager.latest());
    // As TensorFlow writes it.
    assert_eq!(
        fs::read_to_string(fixture.at("checkpoint")).unwrap(),
        "model_checkpoint_path: \"ckpt-5\"\n\
         all_model_checkpoint_paths: \"ckpt-3\"\n\
         all_model_checkpoint_paths: \"ckpt-4\"\n\
         all_model_checkpoint_paths: \"ckpt-5\"\n\
         all_model_checkpoint_timestamps: 1003.0\n\
         all_model_checkpoint_timestamps: 1004.0\n\
         all_model_checkpoint_timestamps: 1005.0\n\
         last_preserved_timestamp: 999.0\n"
    );
    assert_eq!(Reader::open(fixture.at("ckpt-5")).unwrap().read("x").unwrap(), [7; 8]);
}

#[test]
fn a_new_manager_takes_over() {
    let fixture = Fixture::new(Some(2));
    fixture.save_at(&fixture.open(), 1001.0);
    fixture.save_at(&fixture.open(), 1002.0);
    let saved = fixture.save_at(&fixture.open(), 1003.0);
    assert_eq!(saved.removed, [fixture.at("ckpt-1")]);
    assert_eq!(fixture.names(), ["ckpt-2", "ckpt-3"]);
}

#[test]
fn managers_that_live_at_once_hear_of_each_other() {
    let fixture = Fixture::new(Some(3));
    let managers = [fixture.open(), fixture.open()];
    for step in 1..=10 {
        fixture.save_at(&managers[step % 2], 1000.0 + step as f64);
    }
    assert_eq!(fixture.names(), ["ckpt-10", "ckpt-8", "ckpt-9"]);
}

#[test]
fn one_of_every_so_many_hours_stays() {
    let mut fixture = Fixture::new(Some(2));
    fixture.options.keep_checkpoint_every_n_hours = Some(1.0);
    let mut manager = fixture.open();
    for save in 1..=9 {
        fixture.save_at(&manager, 1000.0 + 1300.0 * f64::from(save));
        if save % 2 == 0 {
            manager = fixture.open();
        }
    }
    // 999, where the directory was new; then an hour after that, and so on.
    assert_eq!(fixture.state().last_preserved_timestamp, 1000.0 + 1300.0 * 6.0);
    assert_eq!(fixture.names(), ["ckpt-3", "ckpt-6", "ckpt-8", "ckpt-9"]);
    assert_eq!(manager.checkpoints(), ["ckpt-8", "ckpt-9"].map(|name| fixture.at(name)));
}

#[test]
fn what_is_preserved_is_never_taken_up_again() {
    let mut fixture = Fixture::new(Some(1));
    fixture.options.keep_checkpoint_every_n_hours = Some(1.0);
    let manager = fixture.open();
    fixture.save_at(&manager, 10_000.0);
    fixture.save_at(&manager, 10_001.0);
    fixture.options.keep_checkpoint_every_n_hours = None;
    let manager = fixture.open();
    fixture.save_at(&manager, 10_002.0);
    assert_eq!(fixture.names(), ["ckpt-1", "ckpt-3"]);
}

#[test]
fn a_clock_set_back_removes_nothing_too_soon() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    fixture.save_at(&manager, 5000.0);
    fixture.save_at(&manager, 6000.0);
    fixture.clock.set(500.0);
    let manager = fixture.open();
    // Saved after now: they may have been preserved, for all that is known.
    assert_eq!(manager.checkpoints(), Vec::<PathBuf>::new());
    assert_eq!(manager.latest(), Some(fixture.at("ckpt-2")));
    fixture.save_at(&manager, 501.0);
    assert_eq!(fixture.names(), ["ckpt-1", "ckpt-2", "ckpt-3"]);
}

#[test]
fn checkpoints_that_vanished_do_not_count() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    fixture.save_at(&manager, 1001.0);
    fixture.save_at(&manager, 1002.0);
    for path in [index_path(&fixture.at("ckpt-2")), data_path(&fixture.at("ckpt-2"), 0, 1)] {
        fs::remove_file(path).unwrap();
    }
    let manager = fixture.open();
    assert_eq!(manager.checkpoints(), [fixture.at("ckpt-1")]);
    fixture.save_at(&manager, 1003.0);
    assert_eq!(fixture.names(), ["ckpt-1", "ckpt-3"]);
}

#[test]
fn a_removal_that_broke_off_is_finished() {
    let fixture = Fixture::new(Some(1));
    let manager = fixture.open();
    fixture.save_at(&manager, 1001.0);
    let before = fs::read(fixture.at("checkpoint")).unwrap();
    fixture.save_at(&manager, 1002.0);
    // As after a crash that came when the index was gone.
    fs::write(data_path(&fixture.at("ckpt-1"), 0, 1), b"left").unwrap();
    let state = State::parse(&before).unwrap();
    let mut both = fixture.state();
    both.all_model_checkpoint_paths.insert(0, state.model_checkpoint_path);
    both.all_model_checkpoint_timestamps.insert(0, 1001.0);
    both.write(&LocalStorage::shared(), &fixture.at("checkpoint"), true).unwrap();

    let saved = fixture.save_at(&fixture.open(), 1003.0);
    assert_eq!(saved.removed, ["ckpt-1", "ckpt-2"].map(|name| fixture.at(name)));
    assert_eq!(fs::read_dir(&fixture.dir).unwrap().count(), 3);
}

#[test]
fn a_checkpoint_goes_with_all_its_files_and_no_others() {
    let fixture = Fixture::new(Some(1));
    let manager = fixture.open();
    fixture.save_at(&manager, 1001.0);
    for name in ["ckpt-1.meta", "ckpt-1.txt", "ckpt-10.meta", "ckpt-1"] {
        fs::write(fixture.at(name), b"").unwrap();
    }
    // The state file first: whoever has read the old one can still open what it names.
    let reader = Reader::open(fixture.at("ckpt-1")).unwrap();
    reader.read("x").unwrap();
    let saved = fixture.save_at(&manager, 1002.0);
    assert_eq!(saved.prefix, fixture.at("ckpt-11"), "no step is taken that something is called by");
    assert_eq!(fixture.names(), ["ckpt-1", "ckpt-1.txt", "ckpt-10.meta", "ckpt-11"]);
    assert_eq!(reader.read("x").unwrap(), [7; 8], "who has it open reads on");
}

/// As TensorFlow's manager has it: they count, and are let go of.
#[test]
fn the_files_of_v1_checkpoints_stay() {
    for (case, latest) in
        [("single", "model.ckpt-300"), ("sharded", "model.ckpt-300-?????-of-00003")]
    {
        let fixture = Fixture::new(Some(2));
        for file in fs::read_dir(data_dir("golden/v1_saver").join(case)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), fixture.at(&file.file_name().into_string().unwrap())).unwrap();
        }
        let state = State {
            model_checkpoint_path: latest.into(),
            all_model_checkpoint_paths: vec![latest.into()],
            all_model_checkpoint_timestamps: vec![999.5],
            last_preserved_timestamp: 1.0,
        };
        state.write(&LocalStorage::shared(), &fixture.at("checkpoint"), true).unwrap();
        let before = fixture.names();
        let manager = fixture.open();
        assert_eq!(manager.checkpoints(), [fixture.at(latest)]);
        assert!(fixture.save_at(&manager, 1001.0).removed.is_empty());
        assert_eq!(manager.checkpoints(), [latest, "ckpt-301"].map(|name| fixture.at(name)));
        let saved = fixture.save_at(&manager, 1002.0);
        assert!(saved.removed.is_empty() && saved.removal_problems.is_empty());
        assert_eq!(manager.checkpoints(), ["ckpt-301", "ckpt-302"].map(|name| fixture.at(name)));
        let stayed: Vec<String> =
            fixture.names().into_iter().filter(|name| !name.starts_with("ckpt-")).collect();
        assert_eq!(stayed, before);
    }
}

#[test]
fn what_can_not_be_removed_is_tried_again() {
    let fixture = Fixture::new(Some(1));
    let manager = fixture.open();
    fixture.save_at(&manager, 1001.0);
    let index = index_path(&fixture.at("ckpt-1"));
    fs::remove_file(&index).unwrap();
    fs::create_dir(&index).unwrap();
    let saved = fixture.save_at(&manager, 1002.0);
    assert!(saved.removed.is_empty());
    assert_eq!(saved.removal_problems.len(), 1);
    assert_eq!(saved.removal_problems[0].file(), Some(index.as_path()));
    assert_eq!(manager.checkpoints(), ["ckpt-1", "ckpt-2"].map(|name| fixture.at(name)));
    fs::remove_dir(&index).unwrap();
    let saved = fixture.save_at(&manager, 1003.0);
    assert_eq!(saved.removed, ["ckpt-1", "ckpt-2"].map(|name| fixture.at(name)));
    assert_eq!(fixture.names(), ["ckpt-3"]);
}

#[test]
fn steps_may_be_chosen() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    let save_step = |step| {
        let mut save = manager.save_step(step)?;
        fill(&mut save);
        save.finish()
    };
    save_step(1000).unwrap();
    assert_eq!(save_step(1000).unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(manager.save().unwrap().step(), 1001);
    save_step(500).unwrap();
    assert_eq!(manager.latest(), Some(fixture.at("ckpt-500")));
    save_step(u64::MAX).unwrap();
    assert_eq!(manager.save().unwrap_err().kind(), ErrorKind::InvalidArgument);
}

#[test]
fn a_step_saved_again_is_the_newest() {
    let mut fixture = Fixture::new(Some(2));
    fixture.options.writer.replace = true;
    let manager = fixture.open();
    for step in [1, 2, 1, 3] {
        let mut save = manager.save_step(step).unwrap();
        fill(&mut save);
        save.finish().unwrap();
    }
    assert_eq!(manager.checkpoints(), ["ckpt-1", "ckpt-3"].map(|name| fixture.at(name)));
    assert_eq!(fixture.names(), ["ckpt-1", "ckpt-3"]);
}

#[test]
fn an_abandoned_save_leaves_nothing() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    let mut save = manager.save().unwrap();
    fill(&mut save);
    drop(save);
    assert_eq!(fixture.names(), Vec::<String>::new());
    assert_eq!(manager.latest(), None);
}

#[test]
fn several_saves_may_be_under_way() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    let mut saves: Vec<_> = (0..3).map(|_| manager.save().unwrap()).collect();
    assert_eq!(saves.iter().map(|save| save.step()).collect::<Vec<_>>(), [1, 2, 3]);
    saves.iter_mut().for_each(|save| fill(save));
    std::thread::scope(|scope| {
        saves.into_iter().for_each(|save| {
            scope.spawn(|| save.finish().unwrap());
        });
    });
    assert_eq!(fixture.names().len(), 2);
}

#[test]
fn a_state_file_that_does_not_parse_is_no_fresh_start() {
    let fixture = Fixture::new(Some(2));
    let manager = fixture.open();
    save(&manager);
    fs::write(fixture.at("checkpoint"), "model_checkpoint_path: 5").unwrap();
    let error = Manager::open_with(&fixture.dir, fixture.options.clone()).unwrap_err();
    assert_eq!((error.kind(), error.offset()), (ErrorKind::DataLoss, Some(23)));

    let mut save = manager.save().unwrap();
    fill(&mut save);
    let error = save.finish().unwrap_err();
    assert!(error.message().contains("ckpt-2 is saved, but"), "{error}");
    assert_eq!((error.file(), error.offset()), (Some(&*fixture.at("checkpoint")), Some(23)));
    assert!(Reader::open(fixture.at("ckpt-2")).is_ok());
    assert_eq!(manager.latest(), Some(fixture.at("ckpt-1")));
}

#[test]
fn names_and_directories() {
    let mut fixture = Fixture::new(Some(1));
    fixture.options.checkpoint_name = "sub/model".into();
    fixture.options.file_name = "best".into();
    let manager = fixture.open();
    save(&manager);
    save(&manager);
    assert_eq!(manager.latest(), Some(fixture.at("sub/model-2")));
    assert!(!index_path(&fixture.at("sub/model-1")).exists());
    let text = fs::read_to_string(fixture.at("best")).unwrap();
    assert!(text.starts_with("model_checkpoint_path: \"sub/model-2\"\n"), "{text}");
    assert_eq!(fixture.open().checkpoints(), [fixture.at("sub/model-2")]);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let refused = |change: fn(&mut ManagerOptions)| {
        let mut options = ManagerOptions::default();
        change(&mut options);
        let error = Manager::open_with("nowhere", options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{error}");
    };
    refused(|options| options.max_to_keep = Some(0));
    refused(|options| options.keep_checkpoint_every_n_hours = Some(-1.0));
    refused(|options| options.keep_checkpoint_every_n_hours = Some(f64::NAN));
    refused(|options| options.checkpoint_name = "".into());
    refused(|options| options.checkpoint_name = "a/".into());
    refused(|options| options.checkpoint_name = "../a".into());
    refused(|options| options.file_name = "/etc/checkpoint".into());
    refused(|options| options.writer.num_shards = 0);
}

#[test]
fn files_in_memory_do_as_well() {
    let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::new());
    let options = ManagerOptions {
        max_to_keep: Some(2),
        writer: WriterOptions { storage: storage.clone(), ..WriterOptions::default() },
        ..ManagerOptions::default()
    };
    let manager = Manager::open_with("run", options).unwrap();
    (0..3).for_each(|_| drop(save(&manager)));
    let mut names = storage.list(Path::new("run")).unwrap();
    names.sort();
    let expected = [
        "checkpoint",
        "ckpt-2.data-00000-of-00001",
        "ckpt-2.index",
        "ckpt-3.data-00000-of-00001",
        "ckpt-3.index",
    ];
    assert_eq!(names, expected.map(PathBuf::from));
}

fn collect(dir: &TempDir, options: &GcOptions) -> Collected {
    let collected = gc(dir, options).unwrap();
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
    collected
}

fn count(dir: &TempDir) -> usize {
    fs::read_dir(dir).unwrap().count()
}

#[test]
fn the_files_of_a_writer_that_lives_stay() {
    let dir = TempDir::new().unwrap();
    let mut writer = Writer::create(dir.path().join("a")).unwrap();
    let collected = collect(&dir, &GcOptions::default());
    assert!(collected.removed.is_empty());
    assert_eq!(collected.in_use.len(), 1);
    fill(&mut writer);
    writer.finish().unwrap();
    assert_eq!(count(&dir), 2, "no lock file stays behind");
}

/// What a process that was killed leaves: its files, and its lock file unlocked.
fn crash(dir: &TempDir) {
    let elsewhere = TempDir::new().unwrap();
    let writer = Writer::create(elsewhere.path().join("a")).unwrap();
    for entry in fs::read_dir(&elsewhere).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), dir.path().join(entry.file_name())).unwrap();
    }
    drop(writer);
}

#[test]
fn the_files_of_a_writer_that_died_go_at_once() {
    let dir = TempDir::new().unwrap();
    bundle(&dir.path().join("whole"));
    crash(&dir);
    crash(&dir);
    assert_eq!(count(&dir), 6);
    let dry_run = GcOptions { dry_run: true, ..GcOptions::default() };
    assert_eq!(collect(&dir, &dry_run).removed.len(), 4);
    assert_eq!(count(&dir), 6);
    assert_eq!(collect(&dir, &GcOptions::default()).removed.len(), 4);
    assert_eq!(count(&dir), 2);
    assert!(collect(&dir, &GcOptions::default()).removed.is_empty());
}

fn age(path: &Path, hours: u64) {
    let time = SystemTime::now() - Duration::from_secs(hours * 3600);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn where_no_lock_tells_age_does() {
    let dir = TempDir::new().unwrap();
    for (name, hours) in [(".tfckpt-0-1.tmp", 30), (".tfckpt-1-1.tmp", 30), (".tfckpt-1-2.tmp", 1)]
    {
        fs::write(dir.path().join(name), b"").unwrap();
        age(&dir.path().join(name), hours);
    }
    let collected = collect(&dir, &GcOptions::default());
    assert_eq!(collected.removed, [dir.path().join(".tfckpt-0-1.tmp")]);
    assert_eq!(collected.too_young.len(), 2, "a file of a writer speaks for its others");
}

#[test]
fn what_tensorflow_left_goes_when_asked() {
    let dir = TempDir::new().unwrap();
    let uuid = "b85e61df9dcb43fc87edf8fbdeb44bc9";
    let parts = dir.path().join("ckpt-1_temp");
    let mixed = dir.path().join(format!("ckpt-2_temp_{uuid}"));
    fs::create_dir(&parts).unwrap();
    fs::create_dir(&mixed).unwrap();
    let stale = [
        parts.join("part-00000-of-00001.data-00000-of-00001.tempstate123"),
        parts.join("part-00000-of-00001.index"),
        mixed.join("part-00000-of-00001.index"),
        mixed.join("notes"),
        dir.path().join("ckpt-1.index.tempstate77"),
        dir.path().join(format!("checkpoint.tmp{uuid}")),
        dir.path().join("ckpt_temperature"),
    ];
    stale.iter().for_each(|path| fs::write(path, b"").unwrap());
    stale.iter().chain([&parts, &mixed]).for_each(|path| age(path, 30));
    assert!(collect(&dir, &GcOptions::default()).removed.is_empty());

    let options = GcOptions { tensorflow: true, ..GcOptions::default() };
    let mut removed = collect(&dir, &options).removed;
    removed.sort();
    let mut expected =
        vec![parts.clone(), stale[0].clone(), stale[1].clone(), stale[4].clone(), stale[5].clone()];
    expected.sort();
    assert_eq!(removed, expected);
    assert!(!parts.exists() && mixed.exists());

    fs::write(dir.path().join("new.index.tempstate5"), b"").unwrap();
    assert_eq!(collect(&dir, &options).too_young, [dir.path().join("new.index.tempstate5")]);
}

#[test]
fn there_must_be_a_directory() {
    let dir = TempDir::new().unwrap();
    let error = gc(dir.path().join("nowhere"), &GcOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}
