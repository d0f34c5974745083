//go:build !tfckpt_static

package tfckpt

// In files of their own, since the cache of Go tells builds apart by their files, and not by
// what pkg-config says.

// #cgo pkg-config: tfckpt
import "C"
