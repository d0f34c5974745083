package tfckpt

// #include "shim.h"
import "C"

import (
	"context"
	"errors"
)

// watched makes a call of C that a progress can call off, and does so when ctx is done.
func watched(ctx context.Context, call func(*C.tfckpt_progress) error) error {
	if err := ctx.Err(); err != nil {
		return cancelled(ctx)
	}
	if ctx.Done() == nil {
		return call(nil)
	}
	progress := C.tfckpt_progress_new()
	defer C.tfckpt_progress_free(progress)
	called := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(called)
		C.tfckpt_progress_cancel(progress)
	})
	err := call(progress)
	if !stop() {
		// The progress must not go before it was told.
		<-called
	}
	if errors.Is(err, ErrCancelled) {
		return cancelled(ctx)
	}
	return err
}

func cancelled(ctx context.Context) error {
	cause := context.Cause(ctx)
	return &Error{
		Code: ErrCancelled, Message: "called off: " + cause.Error(),
		Cause: cause, Shard: -1, Offset: -1,
	}
}
