/// @file
/// What a directory holds. Part of tfckpt.hpp, whose rules hold here.

#ifndef TFCKPT_CPP_SURVEY_HPP
#define TFCKPT_CPP_SURVEY_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../tfckpt.h"
#include "error.hpp"
#include "format.hpp"
#include "handle.hpp"
#include "path.hpp"
#include "state.hpp"

namespace tfckpt {

/// What a file in a directory of checkpoints is: the tfckpt_file_kind of the same name.
enum class FileKind : std::int32_t {
    /// Something else than what follows.
    kOther = TFCKPT_FILE_OTHER,
    /// A state file, by its name or by its content.
    kState = TFCKPT_FILE_STATE,
    /// The index of a V2 checkpoint.
    kIndex = TFCKPT_FILE_INDEX,
    /// A data shard of a V2 checkpoint.
    kData = TFCKPT_FILE_DATA,
    /// The graph beside a checkpoint, PREFIX.meta.
    kMeta = TFCKPT_FILE_META,
    /// A file of a V1 checkpoint, with metadata and values.
    kV1 = TFCKPT_FILE_V1,
    /// What a writer is at work on, or has left: a file or a directory.
    kTemporary = TFCKPT_FILE_TEMPORARY,
    /// A directory.
    kDirectory = TFCKPT_FILE_DIRECTORY,
};

/// A checkpoint of a directory.
template <template <class> class Optional = std::optional>
struct BasicSurveyedCheckpoint {
    /// Its prefix. Of a V1 checkpoint in several files it is their pattern, with ?????.
    std::string prefix;
    /// Its format; none where it is not there at all, but the state file names it.
    Optional<Format> format;
    /// Its step, by its name.
    Optional<std::int64_t> step;
    /// When its index, or one of its files, was written, in seconds since the epoch; none
    /// where it is not there.
    Optional<double> modified;
    /// Whether the state file names it.
    bool is_listed;
    /// A problem for each file that is missing; where all are there, all that is wrong
    /// with them. None where it is whole.
    std::vector<Error> problems;
};

/// A checkpoint of a directory.
using SurveyedCheckpoint = BasicSurveyedCheckpoint<>;

/// A file of a directory, or a directory in it.
template <template <class> class Optional = std::optional>
struct BasicSurveyedFile {
    /// Its path.
    std::string path;
    /// What it is.
    FileKind kind;
    /// Which of Survey::checkpoints() it belongs to.
    Optional<std::size_t> checkpoint;
    /// Its length in bytes; none for what is no file.
    Optional<std::int64_t> byte_size;
    /// What else there is to say of it, for people to read, or empty: that the content is
    /// not what the name says, or that the checkpoint it would belong to is missing.
    std::string note;
};

/// A file of a directory, or a directory in it.
using SurveyedFile = BasicSurveyedFile<>;

/// What a directory holds: its checkpoints, how each of them is, and what every other
/// file is. It does not change with the directory.
class Survey {
public:
    /// Takes what a call of the C API gave.
    explicit Survey(tfckpt_survey* owned) noexcept : survey_(owned) {}

    /// The checkpoints, whole or not: those in the directory, and those that its state
    /// file names besides; from the oldest to the newest, by step and time; copies.
    template <class T = SurveyedCheckpoint>
    [[nodiscard]] std::vector<T> checkpoints() const {
        std::vector<T> checkpoints;
        for (std::int64_t i = 0; i < tfckpt_survey_checkpoint_count(get()); i++) {
            checkpoints.push_back(checkpoint<T>(i));
        }
        return checkpoints;
    }

    /// Which of checkpoints() the state file says is the latest.
    template <class T = std::size_t>
    [[nodiscard]] std::optional<T> latest() const noexcept {
        return detail::unless_negative<T>(tfckpt_survey_latest(get()));
    }

    /// Everything in the directory, by name; copies.
    template <class T = SurveyedFile>
    [[nodiscard]] std::vector<T> files() const {
        std::vector<T> files;
        for (std::int64_t i = 0; i < tfckpt_survey_file_count(get()); i++) {
            files.push_back(file<T>(i));
        }
        return files;
    }

    /// What is wrong with the state file; a copy. None where there is none, or nothing is.
    template <class T = Error>
    [[nodiscard]] std::optional<T> state_problem() const {
        const tfckpt_error* problem = tfckpt_survey_state_problem(get());
        if (problem == nullptr) return std::nullopt;
        return T(*problem);
    }

    /// For calls of the C API; borrowed.
    [[nodiscard]] const tfckpt_survey* get() const noexcept { return survey_.get(); }

private:
    template <class T>
    [[nodiscard]] T checkpoint(std::int64_t i) const {
        const auto problem = [i](const tfckpt_survey* survey, std::int64_t number) {
            return tfckpt_survey_checkpoint_problem(survey, i, number);
        };
        T checkpoint;
        checkpoint.prefix = detail::text(tfckpt_survey_checkpoint_prefix(get(), i));
        const std::int32_t format = tfckpt_survey_checkpoint_format(get(), i);
        if (format != 0) checkpoint.format = static_cast<Format>(format);
        checkpoint.step =
            detail::unless_negative<std::int64_t>(tfckpt_survey_checkpoint_step(get(), i));
        checkpoint.modified =
            detail::unless_negative<double>(tfckpt_survey_checkpoint_modified(get(), i));
        checkpoint.is_listed = tfckpt_survey_checkpoint_is_listed(get(), i);
        checkpoint.problems = detail::problems<Error>(
            get(), tfckpt_survey_checkpoint_problem_count(get(), i), problem);
        return checkpoint;
    }

    template <class T>
    [[nodiscard]] T file(std::int64_t i) const {
        T file;
        file.path = detail::text(tfckpt_survey_file_path(get(), i));
        file.kind = static_cast<FileKind>(tfckpt_survey_file_kind(get(), i));
        file.checkpoint =
            detail::unless_negative<std::size_t>(tfckpt_survey_file_checkpoint(get(), i));
        file.byte_size =
            detail::unless_negative<std::int64_t>(tfckpt_survey_file_byte_size(get(), i));
        file.note = detail::text(tfckpt_survey_file_note(get(), i));
        return file;
    }

    detail::Handle<tfckpt_survey, tfckpt_survey_free> survey_;
};

/// Looks through a directory: what checkpoints it holds, how each of them is, checked as
/// the options say, and what every file is. Throws Status::kNotFound where there is no
/// such directory; a state file that is missing or damaged is no error.
[[nodiscard]] inline Survey survey(const Path& dir, const StateOptions& options = {}) {
    const auto c_options = detail::to_c(options);
    tfckpt_survey* survey = nullptr;
    detail::Call call;
    call.check(tfckpt_directory_survey(dir.c_str(), c_options.get(), &survey, call.error()));
    return Survey(survey);
}

}  // namespace tfckpt

#endif
