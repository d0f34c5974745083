package tfckpt

// #include "shim.h"
import "C"

// MetaDiff is what is different between two graphs: why one is larger than the other.
type MetaDiff struct {
	// Text is all of it in English, a line for each change. Names stand in it as they are in
	// the files.
	Text string
	// Changes are the changes, what weighs most first; none where the graphs say the same.
	Changes []MetaChange
}

// ChangeKind is what became of something.
type ChangeKind int32

// What became of something.
const (
	ChangeAdded   ChangeKind = C.TFCKPT_CHANGE_KIND_ADDED
	ChangeRemoved ChangeKind = C.TFCKPT_CHANGE_KIND_REMOVED
	ChangeChanged ChangeKind = C.TFCKPT_CHANGE_KIND_CHANGED
)

// ChangeSubject is what a change is about.
type ChangeSubject int32

// What changes are about.
const (
	SubjectSavers     ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_SAVERS     // the nodes of savers
	SubjectRepeats    ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_REPEATS    // nodes that do again what others do
	SubjectScope      ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_SCOPE      // nodes in an outermost scope
	SubjectOp         ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_OP         // nodes of an op that are in no scope
	SubjectFunctions  ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_FUNCTIONS  // functions of the library
	SubjectCollection ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_COLLECTION // the values of a collection
	SubjectSignatures ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_SIGNATURES // signatures
	SubjectPart       ChangeSubject = C.TFCKPT_CHANGE_SUBJECT_PART       // another part of the graph
)

// A MetaChange is things of a kind that came on top, went away or are different.
type MetaChange struct {
	Kind    ChangeKind
	Subject ChangeSubject
	// Text is the change in English.
	Text string
	// Name is which scope, op, collection or part; empty for the other subjects.
	Name string
	// Items is how many nodes, functions or signatures; of a collection, by how many values it
	// is larger or smaller.
	Items int64
	// SizeBefore and SizeAfter are how many bytes they took, and take now.
	SizeBefore, SizeAfter int64
}

// DiffMeta finds out what is different between two graphs, constants and all. The paths lead to
// .meta files, or to what has one: the prefix of a checkpoint, one of its files, a directory; or
// to a SavedModel, whose first graph is meant. [ErrNotFound] where there is none; [ErrDataLoss]
// for what is no graph.
func DiffMeta(before, after string) (*MetaDiff, error) {
	first, err := openMeta(before)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_meta_free(first)
	second, err := openMeta(after)
	if err != nil {
		return nil, err
	}
	defer C.tfckpt_meta_free(second)
	var diff *C.tfckpt_meta_diff
	var cerr *C.tfckpt_error
	if err := check(C.tfckpt_meta_compare(first, 0, second, 0, &diff, &cerr), cerr); err != nil {
		return nil, err
	}
	defer C.tfckpt_meta_diff_free(diff)
	return metaDiffOf(diff), nil
}

func openMeta(path string) (*C.tfckpt_meta, error) {
	var meta *C.tfckpt_meta
	err := withPath(path, func(path *C.char) error {
		var cerr *C.tfckpt_error
		return check(C.tfckpt_meta_open(path, &meta, &cerr), cerr)
	})
	return meta, err
}

func metaDiffOf(c *C.tfckpt_meta_diff) *MetaDiff {
	var length C.size_t
	text := C.tfckpt_meta_diff_text(c, &length)
	diff := &MetaDiff{Text: goString(text, length)}
	for i := range C.tfckpt_meta_diff_change_count(c) {
		diff.Changes = append(diff.Changes, metaChangeOf(C.tfckpt_meta_diff_change(c, i)))
	}
	return diff
}

func metaChangeOf(c *C.tfckpt_meta_change) MetaChange {
	var textLength, nameLength C.size_t
	text := C.tfckpt_meta_change_text(c, &textLength)
	name := C.tfckpt_meta_change_name(c, &nameLength)
	return MetaChange{
		Kind:       ChangeKind(C.tfckpt_meta_change_kind(c)),
		Subject:    ChangeSubject(C.tfckpt_meta_change_subject(c)),
		Text:       goString(text, textLength),
		Name:       goString(name, nameLength),
		Items:      int64(C.tfckpt_meta_change_item_count(c)),
		SizeBefore: int64(C.tfckpt_meta_change_size_before(c)),
		SizeAfter:  int64(C.tfckpt_meta_change_size_after(c)),
	}
}
