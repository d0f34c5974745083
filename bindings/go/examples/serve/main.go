// Serve answers questions about a checkpoint over HTTP, in JSON.
//
//	go run ./examples/serve -listen localhost:8080 model/ckpt-1000
//
//	GET /tensors?prefix=dense/                    names, dtypes and shapes
//	GET /tensor?name=dense/kernel                 what one tensor is, and its values
//	GET /tensor?name=dense/kernel&slice=0,2:-     the first two rows of it
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"time"

	tfckpt "github.com/tfckpt/tfckpt/bindings/go"
)

func main() {
	listen := flag.String("listen", "localhost:8080", "the `address` to listen on")
	limit := flag.Int64("max-elements", 1<<20, "the most `elements` that one answer has")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: serve [-listen ADDRESS] [-max-elements N] CHECKPOINT")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *listen, *limit); err != nil {
		log.Fatal(err)
	}
}

// run serves a checkpoint until the process is interrupted.
func run(checkpoint, listen string, limit int64) error {
	reader, err := tfckpt.Open(checkpoint)
	if err != nil {
		return err
	}
	defer reader.Close()
	server := &http.Server{
		Addr: listen, Handler: newHandler(reader, limit), ReadHeaderTimeout: 10 * time.Second,
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, func() { server.Shutdown(context.Background()) })
	log.Printf("%s at http://%s/tensors", reader.Prefix(), listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
