package tfckpt_test

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// Goroutines that use one reader in all ways while it is closed, by several at once: each call
// gives what it should, or says that the reader is closed.
func TestCloseWhileCallsAreInFlight(t *testing.T) {
	path := sample(t)
	calls := []func(r *tfckpt.Reader) error{
		func(r *tfckpt.Reader) error { _, err := r.Read("a/matrix", nil); return err },
		func(r *tfckpt.Reader) error { _, err := tfckpt.Values[float64](r, "b/parts"); return err },
		func(r *tfckpt.Reader) error { _, err := r.ReadStrings("c/words"); return err },
		func(r *tfckpt.Reader) error { _, err := r.Lookup("empty"); return err },
		func(r *tfckpt.Reader) error { _, err := r.Len(); return err },
		func(r *tfckpt.Reader) error { _, err := r.Verify(t.Context()); return err },
		func(r *tfckpt.Reader) error { return r.View("a/matrix", func([]byte) error { return nil }) },
		func(r *tfckpt.Reader) error {
			return r.ReadMany(t.Context(), []tfckpt.Request{{Name: "a/matrix"}, {Name: "b/parts"}}, tfckpt.WithThreads(2))
		},
		func(r *tfckpt.Reader) error {
			for _, tensor := range r.All() {
				if tensor.Err() != nil {
					return tensor.Err()
				}
			}
			return nil
		},
		func(r *tfckpt.Reader) error {
			section, err := r.Section("a/matrix")
			if err == nil {
				_, err = section.WriteTo(io.Discard)
			}
			return err
		},
	}
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		r, err := tfckpt.Open(path)
		must(t, err)
		var all sync.WaitGroup
		for i, call := range append(calls, calls...) {
			all.Add(1)
			go func() {
				defer all.Done()
				for range 20 + i {
					if err := call(r); err != nil && !errors.Is(err, tfckpt.ErrClosed) {
						t.Errorf("call %d: %v", i%len(calls), err)
					}
				}
				if err := r.Close(); err != nil {
					t.Error(err)
				}
				if err := call(r); !errors.Is(err, tfckpt.ErrClosed) {
					t.Errorf("call %d after Close: %v", i%len(calls), err)
				}
			}()
		}
		all.Wait()
	}
}

// Readers are immutable: goroutines read the same and different tensors at the same time.
func TestReaderIsSharedByGoroutines(t *testing.T) {
	path := write(t, func(w *tfckpt.Writer) {
		for i := range 20 {
			must(t, tfckpt.Add(w, fmt.Sprint(i), tfckpt.Shape{1000}, make([]float64, 1000)))
		}
	})
	r := open(t, path)
	var all sync.WaitGroup
	for g := range 8 {
		all.Add(1)
		go func() {
			defer all.Done()
			dst := make([]float64, 1000)
			for i := range 200 {
				if _, err := tfckpt.ReadValues(r, fmt.Sprint((g+i)%20), dst); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all.Wait()
}
