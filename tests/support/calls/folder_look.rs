//! What is looked at of what is told of a folder.

use tfckpt::capi::*;

use super::getters::{length, look_at_paths, look_at_problems, positions, some, text};
use super::look::look_at;

/// # Safety
/// It is alive, or NULL; and so of all that follow.
pub unsafe fn look_at_survey(survey: Option<&tfckpt_survey>) {
    let count = tfckpt_survey_checkpoint_count(survey);
    let latest = tfckpt_survey_latest(survey);
    assert!((-1..count).contains(&latest));
    assert!(latest < 0 || tfckpt_survey_checkpoint_is_listed(survey, latest));
    // SAFETY: what it hands out is its own.
    unsafe {
        tfckpt_survey_state_problem(survey).as_ref().into_iter().for_each(look_at);
        look_at_paths(count, |index| tfckpt_survey_checkpoint_prefix(survey, index));
        positions(count).for_each(|index| look_at_checkpoint(survey, index));
        look_at_files(survey, count);
    }
}

unsafe fn look_at_checkpoint(survey: Option<&tfckpt_survey>, index: i64) {
    let format = tfckpt_survey_checkpoint_format(survey, index);
    let step = tfckpt_survey_checkpoint_step(survey, index);
    let modified = tfckpt_survey_checkpoint_modified(survey, index);
    let is_listed = tfckpt_survey_checkpoint_is_listed(survey, index);
    let problems = tfckpt_survey_checkpoint_problem_count(survey, index);
    assert!([0, 1, 2].contains(&format) && step >= -1 && (modified == -1.0 || modified >= 0.0));
    if tfckpt_survey_checkpoint_prefix(survey, index).is_null() {
        assert!((format, step, is_listed, problems) == (0, -1, false, 0) && modified == -1.0);
    } else {
        assert!(format != 0 || (is_listed && problems > 0), "nothing, but whole or not named");
    }
    // SAFETY: what it hands out is its own.
    unsafe {
        look_at_problems(problems, |at| tfckpt_survey_checkpoint_problem(survey, index, at));
    }
}

unsafe fn look_at_files(survey: Option<&tfckpt_survey>, checkpoints: i64) {
    let count = tfckpt_survey_file_count(survey);
    // SAFETY: what it hands out is its own.
    unsafe { look_at_paths(count, |index| tfckpt_survey_file_path(survey, index)) };
    for index in positions(count) {
        let kind = tfckpt_survey_file_kind(survey, index);
        let checkpoint = tfckpt_survey_file_checkpoint(survey, index);
        let size = tfckpt_survey_file_byte_size(survey, index);
        let note = tfckpt_survey_file_note(survey, index);
        assert!((0..8).contains(&kind) && (-1..checkpoints).contains(&checkpoint) && size >= -1);
        assert!(kind != tfckpt_file_kind::TFCKPT_FILE_DIRECTORY as i32 || size == -1);
        if !(0..count).contains(&index) {
            assert_eq!((kind, checkpoint, size, note.is_null()), (0, -1, -1, true));
        }
        // SAFETY: a text.
        assert!(note.is_null() || unsafe { length(note) } > 0);
    }
}

pub unsafe fn look_at_state(state: Option<&tfckpt_state>) {
    let count = tfckpt_state_count(state);
    // SAFETY: what it hands out is its own; lengths are variables, or NULL.
    unsafe {
        assert_eq!(text(|len| tfckpt_state_latest(state, len)).is_some(), state.is_some());
        some(count, |index| text(|len| tfckpt_state_path(state, index, len)).is_some());
    }
    for index in positions(count).filter(|index| !(0..count).contains(index)) {
        assert_eq!(tfckpt_state_timestamp(state, index), -1.0);
    }
    let preserved = tfckpt_state_last_preserved_timestamp(state);
    assert!(preserved == -1.0 || state.is_some());
}

pub unsafe fn look_at_latest(latest: Option<&tfckpt_latest>) {
    let count = tfckpt_latest_skipped_count(latest);
    // SAFETY: what it hands out is its own.
    unsafe {
        let prefix = tfckpt_latest_prefix(latest);
        assert!(prefix.is_null() == latest.is_none() && (prefix.is_null() || length(prefix) > 0));
        some(count, |index| text(|len| tfckpt_latest_skipped_path(latest, index, len)).is_some());
        look_at_problems(count, |index| tfckpt_latest_skipped_problem(latest, index));
    }
}

pub unsafe fn look_at_repaired(repaired: Option<&tfckpt_repaired>) {
    let added = tfckpt_repaired_added_count(repaired);
    let dropped = tfckpt_repaired_dropped_count(repaired);
    let changed = tfckpt_repaired_changed(repaired);
    // SAFETY: what it hands out is its own.
    unsafe {
        let state = tfckpt_repaired_state(repaired).as_ref();
        assert_eq!(state.is_some(), repaired.is_some());
        look_at_state(state);
        assert!((0..=tfckpt_state_count(state)).contains(&added));
        let latest = tfckpt_repaired_latest(repaired);
        assert!(latest.is_null() == repaired.is_none() && (latest.is_null() || length(latest) > 0));
        look_at_paths(added, |index| tfckpt_repaired_added(repaired, index));
        some(dropped, |index| {
            text(|len| tfckpt_repaired_dropped_path(repaired, index, len)).is_some()
        });
        look_at_problems(dropped, |index| tfckpt_repaired_dropped_problem(repaired, index));
    }
    assert!(changed || added == 0, "some were added to a file that was not written");
}

pub unsafe fn look_at_collected(collected: Option<&tfckpt_collected>) {
    let removed = tfckpt_collected_removed_count(collected);
    let in_use = tfckpt_collected_in_use_count(collected);
    let too_young = tfckpt_collected_too_young_count(collected);
    let problems = tfckpt_collected_problem_count(collected);
    // SAFETY: what it hands out is its own.
    unsafe {
        look_at_paths(removed, |index| tfckpt_collected_removed(collected, index));
        look_at_paths(in_use, |index| tfckpt_collected_in_use(collected, index));
        look_at_paths(too_young, |index| tfckpt_collected_too_young(collected, index));
        look_at_problems(problems, |index| tfckpt_collected_problem(collected, index));
    }
}
