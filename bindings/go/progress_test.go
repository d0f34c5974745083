package tfckpt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

const largeBytes = 4 * 32 << 20

// watchedCalls are all that can be watched, each of largeBytes; those that fail leave nothing
// in dir.
func watchedCalls(t *testing.T) (calls map[string]func(context.Context, ...tfckpt.Option) error, dir string) {
	path, dir := large(t), t.TempDir()
	r := open(t, path)
	number := 0
	next := func() string { number++; return filepath.Join(dir, fmt.Sprint(number)) }
	reads, writes := make([]tfckpt.Request, 4), make([]tfckpt.WriteRequest, 4)
	for i := range reads {
		reads[i] = tfckpt.Request{Name: fmt.Sprint(i), Dst: make([]byte, 32<<20)}
		writes[i] = tfckpt.WriteRequest{Name: fmt.Sprint(i), DType: tfckpt.UInt8, Shape: tfckpt.Shape{32 << 20}, Data: reads[i].Dst}
	}
	return map[string]func(context.Context, ...tfckpt.Option) error{
		"ReadMany": func(ctx context.Context, opts ...tfckpt.Option) error { return r.ReadMany(ctx, reads, opts...) },
		"AddMany": func(ctx context.Context, opts ...tfckpt.Option) error {
			w, err := tfckpt.Create(next(), tfckpt.WithSync(false))
			must(t, err)
			defer w.Abort()
			return w.AddMany(ctx, writes, opts...)
		},
		"Verify": func(ctx context.Context, opts ...tfckpt.Option) error {
			_, err := tfckpt.Verify(ctx, path, append(opts, tfckpt.WithMapped(true), tfckpt.WithThreads(2))...)
			return err
		},
		"Reader.Verify": func(ctx context.Context, opts ...tfckpt.Option) error {
			_, err := r.Verify(ctx, append(opts, tfckpt.WithThreads(2))...)
			return err
		},
		"Merge": func(ctx context.Context, opts ...tfckpt.Option) error {
			dst := next()
			defer removeCheckpoint(dst)
			return tfckpt.Merge(ctx, dst, []string{path}, append(opts, tfckpt.WithSync(false))...)
		},
		"Copy": func(ctx context.Context, opts ...tfckpt.Option) error {
			dst := next()
			defer removeCheckpoint(dst)
			return tfckpt.Copy(ctx, dst, path, append(opts, tfckpt.WithSync(false))...)
		},
	}, dir
}

// removeCheckpoint removes what a call that came to its end has made.
func removeCheckpoint(prefix string) {
	if err := os.Remove(prefix + ".index"); err == nil {
		os.Remove(prefix + ".data-00000-of-00001")
	}
}

func expectNothingLeft(t *testing.T, what, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(left) != 0 {
		t.Error(what, left, err)
	}
}

func TestProgressIsTold(t *testing.T) {
	defer tfckpt.SetTellEvery(100 * time.Microsecond)()
	calls, _ := watchedCalls(t)
	for name, call := range calls {
		times := 0
		for times < 2 {
			var last int64
			err := call(context.Background(), tfckpt.WithProgress(func(done, total int64) error {
				if done < last || done > total || total != 0 && total != largeBytes {
					t.Errorf("%s: %d of %d after %d", name, done, total, last)
				}
				last = done
				times++
				return nil
			}))
			if err != nil {
				t.Fatal(name, err)
			}
		}
	}
}

func TestWhoIsToldCallsItOff(t *testing.T) {
	defer tfckpt.SetTellEvery(100 * time.Microsecond)()
	why := errors.New("why")
	calls, dir := watchedCalls(t)
	for name, call := range calls {
		var err error
		for err == nil {
			told := false
			err = call(t.Context(), tfckpt.WithProgress(func(int64, int64) error {
				if told {
					t.Errorf("%s: told again", name)
				}
				told = true
				return why
			}))
		}
		expectIs(t, err, tfckpt.ErrCancelled)
		if !errors.Is(err, why) {
			t.Errorf("%s: %v", name, err)
		}
		expectNothingLeft(t, name, dir)
	}
}

func TestAContextThatIsDoneInTheMiddle(t *testing.T) {
	defer tfckpt.SetTellEvery(100 * time.Microsecond)()
	why := errors.New("why")
	calls, dir := watchedCalls(t)
	for name, call := range calls {
		var err error
		for err == nil {
			ctx, cancel := context.WithCancelCause(t.Context())
			err = call(ctx, tfckpt.WithProgress(func(int64, int64) error { cancel(why); return nil }))
			cancel(nil)
		}
		expectIs(t, err, tfckpt.ErrCancelled)
		if !errors.Is(err, why) {
			t.Errorf("%s: %v", name, err)
		}
		expectNothingLeft(t, name, dir)
	}
}

// A panic of who is told comes out of the call, with nothing of C at work any more.
func TestWhoIsToldPanics(t *testing.T) {
	defer tfckpt.SetTellEvery(100 * time.Microsecond)()
	calls, dir := watchedCalls(t)
	for name, call := range calls {
		for !panics(t, func() {
			must(t, call(t.Context(), tfckpt.WithProgress(func(int64, int64) error { panic("of the caller") })))
		}) {
		}
		expectNothingLeft(t, name, dir)
		must(t, call(t.Context()))
	}
}

func panics(t *testing.T, do func()) (did bool) {
	defer func() {
		if panicked := recover(); panicked != nil {
			if panicked != "of the caller" {
				t.Error(panicked)
			}
			did = true
		}
	}()
	do()
	return false
}

// Who is told may also end its goroutine, as t.FailNow does.
func TestWhoIsToldEndsItsGoroutine(t *testing.T) {
	defer tfckpt.SetTellEvery(100 * time.Microsecond)()
	calls, dir := watchedCalls(t)
	for name, call := range calls {
		for returned := true; returned; {
			returned = false
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if err := call(context.Background(), tfckpt.WithProgress(func(int64, int64) error { runtime.Goexit(); return nil })); err != nil {
					t.Error(name, err)
				}
				returned = true
			}()
			<-ended
		}
		expectNothingLeft(t, name, dir)
		must(t, call(t.Context()))
	}
}
