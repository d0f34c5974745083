package tfckpt

import (
	"runtime"
	"sync"
)

// A handle owns a handle of C, of pointer type P. Any number of calls may be using it
// while no more than one closes it: closing waits for them.
type handle[P comparable] struct {
	mu   sync.RWMutex
	what string
	ptr  P // zero once it is closed
	free func(P)
	net  runtime.Cleanup
}

// newHandle takes over what a call of C gave.
func newHandle[P comparable](what string, ptr P, free func(P)) *handle[P] {
	h := &handle[P]{what: what, ptr: ptr, free: free}
	// The net for those who forget to close. It holds the pointer alone, so that h can go.
	h.net = runtime.AddCleanup(h, free, ptr)
	return h
}

// use gives the handle of C, to be given back with done; h stays alive until then.
func (h *handle[P]) use() (P, error) {
	h.mu.RLock()
	if h.isClosed() {
		h.mu.RUnlock()
		var none P
		return none, closed(h.what)
	}
	return h.ptr, nil
}

func (h *handle[P]) done() { h.mu.RUnlock() }

func (h *handle[P]) isClosed() bool {
	var none P
	return h.ptr == none
}

// close frees the handle when the calls in flight have ended. Doing so again does nothing.
func (h *handle[P]) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.isClosed() {
		return
	}
	var none P
	ptr := h.ptr
	h.ptr = none
	h.net.Stop()
	h.free(ptr)
}

func closed(what string) error {
	return &Error{Code: ErrClosed, Message: "the " + what + " is closed", Shard: -1, Offset: -1}
}
