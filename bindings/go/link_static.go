//go:build tfckpt_static

package tfckpt

// The library becomes a part of the program: nothing of it has to be installed where that runs.

// #cgo pkg-config: tfckpt-static
import "C"
