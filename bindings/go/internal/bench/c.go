package main

// #cgo pkg-config: tfckpt
// #include <stdio.h>
// #include <stdlib.h>
// #include <tfckpt/tfckpt.h>
//
// // The C side of each contest, all of it in one call. The result is whether it went well.
//
// static size_t name_of(int64_t i, char *name) {
//     return (size_t)sprintf(name, "layer_%07lld/kernel", (long long)i);
// }
//
// static bool c_read(const char *path, int64_t count, uint8_t *dst, size_t size) {
//     tfckpt_reader *reader = NULL;
//     char name[64];
//     bool ok = tfckpt_reader_open(path, NULL, &reader, NULL) == TFCKPT_OK;
//     for (int64_t i = 0; ok && i < count; i++) {
//         size_t len = name_of(i, name);
//         ok = tfckpt_reader_read(reader, name, len, NULL, dst, size, NULL) == TFCKPT_OK;
//     }
//     tfckpt_reader_free(reader);
//     return ok;
// }
//
// static bool c_read_many(const char *path, int64_t count, size_t size, uint8_t *dst) {
//     tfckpt_read_request *requests = calloc((size_t)count, sizeof *requests);
//     char *names = malloc((size_t)count * 64);
//     tfckpt_reader *reader = NULL;
//     for (int64_t i = 0; i < count; i++) {
//         requests[i].name = names + i * 64;
//         requests[i].name_len = name_of(i, names + i * 64);
//         requests[i].dst = dst + (size_t)i * size;
//         requests[i].dst_len = size;
//     }
//     bool ok = tfckpt_reader_open(path, NULL, &reader, NULL) == TFCKPT_OK &&
//               tfckpt_reader_read_many(reader, requests, (size_t)count, NULL, NULL) == TFCKPT_OK;
//     tfckpt_reader_free(reader);
//     free(names);
//     free(requests);
//     return ok;
// }
//
// // The same for somebody who does not know the sizes, and has no memory.
// static bool c_read_many_new(const char *path, int64_t count) {
//     tfckpt_read_request *requests = calloc((size_t)count, sizeof *requests);
//     char *names = malloc((size_t)count * 64);
//     tfckpt_reader *reader = NULL;
//     bool ok = tfckpt_reader_open(path, NULL, &reader, NULL) == TFCKPT_OK;
//     for (int64_t i = 0; ok && i < count; i++) {
//         tfckpt_read_request *it = &requests[i];
//         it->name = names + i * 64;
//         it->name_len = name_of(i, names + i * 64);
//         ok = tfckpt_reader_read_size(reader, it->name, it->name_len, NULL, NULL, 0, &it->dst_len,
//                                      NULL) == TFCKPT_OK;
//         it->dst = malloc(it->dst_len);
//     }
//     ok = ok && tfckpt_reader_read_many(reader, requests, (size_t)count, NULL, NULL) == TFCKPT_OK;
//     for (int64_t i = 0; i < count; i++) free(requests[i].dst);
//     tfckpt_reader_free(reader);
//     free(names);
//     free(requests);
//     return ok;
// }
//
// static bool c_list(const char *path, int64_t count) {
//     tfckpt_reader *reader = NULL;
//     tfckpt_cursor *cursor = NULL;
//     const tfckpt_tensor *tensor = NULL;
//     int64_t elements = 0;
//     bool ok = tfckpt_reader_open(path, NULL, &reader, NULL) == TFCKPT_OK &&
//               tfckpt_reader_list(reader, NULL, 0, &cursor, NULL) == TFCKPT_OK;
//     while (ok) {
//         ok = tfckpt_cursor_next(cursor, &tensor, NULL) == TFCKPT_OK;
//         if (tensor == NULL) break;
//         elements += tfckpt_tensor_dims(tensor)[0];
//     }
//     tfckpt_cursor_free(cursor);
//     tfckpt_reader_free(reader);
//     return ok && elements == count;
// }
import "C"

import (
	"errors"
	"unsafe"
)

func cRead(path string, count int, dst []byte) {
	withPath(path, func(path *C.char) C.bool {
		return C.c_read(path, C.int64_t(count), (*C.uint8_t)(unsafe.SliceData(dst)), C.size_t(len(dst)))
	})
}

func cReadMany(path string, count, size int, dst []byte) {
	withPath(path, func(path *C.char) C.bool {
		return C.c_read_many(path, C.int64_t(count), C.size_t(size), (*C.uint8_t)(unsafe.SliceData(dst)))
	})
}

func cReadManyNew(path string, count int) {
	withPath(path, func(path *C.char) C.bool { return C.c_read_many_new(path, C.int64_t(count)) })
}

func cList(path string, count int) {
	withPath(path, func(path *C.char) C.bool { return C.c_list(path, C.int64_t(count)) })
}

func withPath(path string, call func(*C.char) C.bool) {
	c := C.CString(path)
	defer C.free(unsafe.Pointer(c))
	if !call(c) {
		check(errors.New("the C side of a contest has failed"))
	}
}
