package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

// tensor is how an answer shows a tensor.
type tensor struct {
	Name   string       `json:"name"`
	DType  tfckpt.DType `json:"dtype"`
	Shape  tfckpt.Shape `json:"shape"`
	Slice  string       `json:"slice,omitempty"`
	Values any          `json:"values,omitempty"`
}

// handler answers from one reader, which all requests share.
type handler struct {
	reader *tfckpt.Reader
	limit  int64
}

func newHandler(reader *tfckpt.Reader, limit int64) http.Handler {
	h := handler{reader, limit}
	mux := http.NewServeMux()
	mux.Handle("GET /tensors", answer(h.list))
	mux.Handle("GET /tensor", answer(h.tensor))
	return mux
}

// list is of the tensors whose names begin with a prefix.
func (h handler) list(r *http.Request) (any, error) {
	tensors := []tensor{}
	for t, err := range h.reader.List(r.FormValue("prefix")) {
		if err != nil {
			return nil, err
		}
		tensors = append(tensors, describe(t))
	}
	return tensors, nil
}

// tensor is one of them, with its values or those of a slice.
func (h handler) tensor(r *http.Request) (any, error) {
	slice, err := tfckpt.ParseSlice(r.FormValue("slice"))
	if err != nil {
		return nil, err
	}
	t, err := h.reader.Lookup(r.FormValue("name"))
	if err != nil {
		return nil, err
	}
	wanted := slice.Shape(t.Shape)
	if count := wanted.NumElements(); count > h.limit {
		return nil, tooMany{count, h.limit}
	}
	shown := describe(t)
	shown.Slice = slice.String()
	shown.Values, err = values(h.reader, t, slice)
	return shown, err
}

func describe(t tfckpt.Tensor) tensor {
	shape := t.Shape
	if shape == nil {
		shape = tfckpt.Shape{} // [] and not null
	}
	return tensor{Name: t.Name, DType: t.DType, Shape: shape}
}

// tooMany is an answer that would be too large.
type tooMany struct{ count, limit int64 }

func (e tooMany) Error() string {
	return fmt.Sprintf("%d elements are more than %d: ask for a slice", e.count, e.limit)
}

// answer writes what a function returns as JSON, or its error.
type answer func(r *http.Request) (any, error)

func (a answer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := http.StatusOK
	result, err := a(r)
	if err != nil {
		status, result = statusOf(err), map[string]string{"error": err.Error()}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(result); err != nil {
		log.Print(err)
	}
}

func statusOf(err error) int {
	switch {
	case errors.As(err, new(tooMany)):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, tfckpt.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, tfckpt.ErrInvalidArgument):
		return http.StatusBadRequest
	case errors.Is(err, tfckpt.ErrUnsupported):
		return http.StatusNotImplemented
	}
	return http.StatusInternalServerError
}
