package tfckpt

// #include "shim.h"
import "C"

import (
	"strings"
	"unsafe"
)

// What goes to C is given for the time of a call alone, and what comes from it is copied.

// nameArg gives the bytes of a name.
func nameArg(name string) (*C.char, C.size_t) {
	return (*C.char)(unsafe.Pointer(unsafe.StringData(name))), C.size_t(len(name))
}

// bytesArg gives memory to read from or write to.
func bytesArg(data []byte) (*C.uint8_t, C.size_t) {
	return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data))
}

// int64sArg gives dimensions, starts, lengths or offsets.
func int64sArg(numbers []int64) *C.int64_t {
	return (*C.int64_t)(unsafe.Pointer(unsafe.SliceData(numbers)))
}

// withPath gives a path, ending with a NUL, to a call.
func withPath(path string, call func(*C.char) error) error {
	return withPaths([]string{path}, func(paths []*C.char) error { return call(paths[0]) })
}

// withPaths gives paths to a call, in memory of C, the array of them too.
func withPaths(paths []string, call func([]*C.char) error) error {
	memory := C.calloc(C.size_t(len(paths)+1), C.size_t(unsafe.Sizeof((*C.char)(nil))))
	defer C.free(memory)
	copies := unsafe.Slice((**C.char)(memory), len(paths))
	defer func() {
		for _, path := range copies {
			C.free(unsafe.Pointer(path))
		}
	}()
	for i, path := range paths {
		if strings.IndexByte(path, 0) >= 0 {
			return invalid("a path has a NUL in it: %q", path)
		}
		copies[i] = C.CString(path)
	}
	return call(copies)
}

// goString copies a string of C that may be larger than C.GoStringN takes.
func goString(data *C.char, length C.size_t) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(data)), int(length)))
}

// goInt64s shows an array of C, which must be copied before it goes.
func goInt64s(data *C.int64_t, length int) []int64 {
	return unsafe.Slice((*int64)(unsafe.Pointer(data)), length)
}

// texts copies a list of strings that end with a NUL.
func texts(count C.int64_t, at func(C.int64_t) *C.char) []string {
	var all []string
	for i := range count {
		// A manager's list may have become shorter meanwhile.
		if text := at(i); text != nil {
			all = append(all, C.GoString(text))
		}
	}
	return all
}

// problems copies a list of errors.
func problems(count C.int64_t, at func(C.int64_t) *C.tfckpt_error) []*Error {
	var all []*Error
	for i := range count {
		all = append(all, errorOf(at(i)))
	}
	return all
}
