package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"math"
	"time"
)

// WithProgress has tell called while a call goes on, with how many bytes are done and how many
// there are to be done, which is 0 as long as it is not known. It is called at most every 10
// ms, so a call that is over sooner may never tell. An error from it calls the call off, as a
// context does: what the call returns is then both [ErrCancelled] and that error. A call that
// is as good as over may yet succeed.
//
// It is called by the goroutine that made the call, while C is at work on another, and may do
// whatever a function may: a panic in it comes out of the call, when C has ended. Of
// [Reader.ReadMany], [Writer.AddMany], [Merge], [Copy] and [Verify]; nil is nobody, the default.
func WithProgress(tell func(done, total int64) error) Option {
	return newOptionOf("WithProgress", func(w *watch) error {
		w.tell = tell
		return nil
	})
}

// A watch is who follows a call of C, besides the one who waits for it.
type watch struct {
	tell func(done, total int64) error
}

// tellEvery is how often somebody is told.
var tellEvery = 10 * time.Millisecond

// run makes a call of C that a progress can call off, does so when ctx is done, and tells how
// far it is.
func (w *watch) run(ctx context.Context, call func(*C.tfckpt_progress) error) error {
	if ctx.Err() != nil {
		return cancelled(context.Cause(ctx))
	}
	if ctx.Done() == nil && w.tell == nil {
		return call(nil)
	}
	progress := C.tfckpt_progress_new()
	defer C.tfckpt_progress_free(progress)
	called := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(called)
		C.tfckpt_progress_cancel(progress)
	})
	defer func() {
		if !stop() {
			// The progress must not go before it was told.
			<-called
		}
	}()
	err := w.follow(progress, call)
	return because(context.Cause(ctx), err)
}

// follow makes a call, and tells how far it is. C works on a goroutine of its own then: were
// it on this one, a panic of tell, or its runtime.Goexit, would leave it behind half done.
func (w *watch) follow(progress *C.tfckpt_progress, call func(*C.tfckpt_progress) error) error {
	if w.tell == nil {
		return call(progress)
	}
	var err error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		err = call(progress)
	}()
	// However tell ends, what C is at must be the caller's again.
	defer func() {
		C.tfckpt_progress_cancel(progress)
		<-ended
	}()
	why := w.tellUntil(ended, progress)
	<-ended
	return because(why, err)
}

// tellUntil tells how far a call is until it has ended, or is called off, and then why.
func (w *watch) tellUntil(ended <-chan struct{}, progress *C.tfckpt_progress) error {
	ticker := time.NewTicker(tellEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-ticker.C:
		}
		done := goBytes(C.tfckpt_progress_done(progress))
		if why := w.tell(done, goBytes(C.tfckpt_progress_total(progress))); why != nil {
			C.tfckpt_progress_cancel(progress)
			return why
		}
	}
}

// goBytes is a number of bytes, which files may say to be more than there can be.
func goBytes(bytes C.uint64_t) int64 { return int64(min(bytes, math.MaxInt64)) }

// because says why a call was called off, if it was and nobody has said so.
func because(why, err error) error {
	if e, ok := err.(*Error); ok && e.Code == ErrCancelled && e.Cause == nil && why != nil {
		return cancelled(why)
	}
	return err
}

func cancelled(cause error) error {
	return &Error{
		Code: ErrCancelled, Message: "called off: " + cause.Error(),
		Cause: cause, Shard: -1, Offset: -1,
	}
}
