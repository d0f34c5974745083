package tfckpt

// #include "shim.h"
import "C"

// A Rule gives tensors other names, in a copy or in an overlay.
type Rule struct {
	kind     ruleKind
	from, to string
}

type ruleKind int

const (
	ruleName ruleKind = iota
	rulePrefix
	rulePattern
)

// MapName gives a tensor another name.
func MapName(from, to string) Rule { return Rule{ruleName, from, to} }

// MapPrefix gives all tensors whose names begin with from names that begin with to instead.
// Either may be empty.
func MapPrefix(from, to string) Rule { return Rule{rulePrefix, from, to} }

// MapPattern gives all tensors whose names are as from new names. A * in from stands for
// anything, / included, and in to for what that was; a backslash takes the meaning from what
// follows.
func MapPattern(from, to string) Rule { return Rule{rulePattern, from, to} }

func (r Rule) addToCopy(c *C.tfckpt_copy_options) error {
	from, fromLen := nameArg(r.from)
	to, toLen := nameArg(r.to)
	var cerr *C.tfckpt_error
	var status C.tfckpt_status
	switch r.kind {
	case ruleName:
		status = C.tfckpt_copy_options_map_name(c, from, fromLen, to, toLen, &cerr)
	case rulePrefix:
		status = C.tfckpt_copy_options_map_prefix(c, from, fromLen, to, toLen, &cerr)
	case rulePattern:
		status = C.tfckpt_copy_options_map_pattern(c, from, fromLen, to, toLen, &cerr)
	}
	return check(status, cerr)
}

func (r Rule) addToOverlay(c *C.tfckpt_overlay) error {
	from, fromLen := nameArg(r.from)
	to, toLen := nameArg(r.to)
	var cerr *C.tfckpt_error
	var status C.tfckpt_status
	switch r.kind {
	case ruleName:
		status = C.tfckpt_overlay_map_name(c, from, fromLen, to, toLen, &cerr)
	case rulePrefix:
		status = C.tfckpt_overlay_map_prefix(c, from, fromLen, to, toLen, &cerr)
	case rulePattern:
		status = C.tfckpt_overlay_map_pattern(c, from, fromLen, to, toLen, &cerr)
	}
	return check(status, cerr)
}
