package tfckpt

// #include "shim.h"
import "C"

import (
	"fmt"
	"io/fs"
)

// A Code says what kind of failure an [Error] is. Each is an error itself, to be used with
// [errors.Is]:
//
//	if errors.Is(err, tfckpt.ErrNotFound) { ... }
//
// The numbers are those of the C API, and never reused.
type Code int32

// The kinds of failure. ErrNotFound, ErrAlreadyExists and ErrClosed are also
// [fs.ErrNotExist], [fs.ErrExist] and [fs.ErrClosed].
const (
	// ErrClosed: a call on what was closed, finished or aborted before.
	ErrClosed Code = -1
	// ErrInvalidArgument: the call asks for something that makes no sense.
	ErrInvalidArgument Code = C.TFCKPT_INVALID_ARGUMENT
	// ErrNotFound: there is no such file, or no such tensor.
	ErrNotFound Code = C.TFCKPT_NOT_FOUND
	// ErrIO: the operating system refused a read, a write or a look at a directory.
	ErrIO Code = C.TFCKPT_IO
	// ErrDataLoss: the bytes are not what they should be.
	ErrDataLoss Code = C.TFCKPT_DATA_LOSS
	// ErrUnsupported: the file is sound but asks for what this version does not do.
	ErrUnsupported Code = C.TFCKPT_UNSUPPORTED
	// ErrBufferTooSmall: the caller's buffer is smaller than what is to go into it.
	ErrBufferTooSmall Code = C.TFCKPT_BUFFER_TOO_SMALL
	// ErrAlreadyExists: what was to be created is there already.
	ErrAlreadyExists Code = C.TFCKPT_ALREADY_EXISTS
	// ErrCancelled: the caller called it off.
	ErrCancelled Code = C.TFCKPT_CANCELLED
	// ErrResourceLimit: a limit that the caller may raise was crossed.
	ErrResourceLimit Code = C.TFCKPT_RESOURCE_LIMIT
	// ErrInternal: a defect of the library.
	ErrInternal Code = C.TFCKPT_INTERNAL
)

// String returns the name of the code: "NOT_FOUND".
func (c Code) String() string {
	if c == ErrClosed {
		return "CLOSED"
	}
	if name := C.tfckpt_status_name(C.int32_t(c)); name != nil {
		return C.GoString(name)
	}
	return fmt.Sprintf("status %d", int32(c))
}

// Error makes a code an error.
func (c Code) Error() string { return "tfckpt: " + c.String() }

// Is tells which error of the standard library a code is as well.
func (c Code) Is(target error) bool {
	switch target {
	case fs.ErrNotExist:
		return c == ErrNotFound
	case fs.ErrExist:
		return c == ErrAlreadyExists
	case fs.ErrClosed:
		return c == ErrClosed
	}
	return false
}

// An Error says what is wrong, and where.
type Error struct {
	// Code is the kind of failure.
	Code Code
	// Message is for people to read, and names the place as well.
	Message string
	// File is the path of the file it is about; empty where it is about none.
	File string
	// Tensor is the name of the tensor it is about; empty where it is about none.
	Tensor string
	// Shard is the data shard it is about, from 0, or -1.
	Shard int
	// Offset is the byte of File at which it was noticed, or -1.
	Offset int64
	// Names lists all tensors that an error about several is about: those that
	// [Reader.ReadMany] did not find, that a merge has twice, or that a name may mean.
	Names []string
	// Cause is why a call was called off: what [context.Cause] says. Otherwise nil.
	Cause error
}

// Error returns the message.
func (e *Error) Error() string { return "tfckpt: " + e.Message }

// Unwrap returns the code, and the cause if there is one.
func (e *Error) Unwrap() []error {
	if e.Cause != nil {
		return []error{e.Code, e.Cause}
	}
	return []error{e.Code}
}

// Missing returns the names of all tensors that were asked for and are not there.
func (e *Error) Missing() []string {
	switch {
	case e.Code != ErrNotFound:
		return nil
	case len(e.Names) == 0 && e.Tensor != "":
		return []string{e.Tensor}
	}
	return e.Names
}

func invalid(format string, args ...any) error {
	return &Error{Code: ErrInvalidArgument, Message: fmt.Sprintf(format, args...), Shard: -1, Offset: -1}
}

// check turns what a call of C returned into an error, and frees the one of C.
func check(status C.tfckpt_status, err *C.tfckpt_error) error {
	if status == C.TFCKPT_OK {
		return nil
	}
	defer C.tfckpt_error_free(err)
	return errorOf(err)
}

// errorOf copies an error of C.
func errorOf(err *C.tfckpt_error) *Error {
	var length C.size_t
	tensor := C.tfckpt_error_tensor(err, &length)
	e := &Error{
		Code:    Code(C.tfckpt_error_status(err)),
		Message: C.GoString(C.tfckpt_error_message(err)),
		File:    C.GoString(C.tfckpt_error_file(err)),
		Tensor:  goString(tensor, length),
		Shard:   int(C.tfckpt_error_shard(err)),
		Offset:  int64(C.tfckpt_error_offset(err)),
	}
	for i := range C.tfckpt_error_name_count(err) {
		name := C.tfckpt_error_name(err, i, &length)
		e.Names = append(e.Names, goString(name, length))
	}
	return e
}
