//go:build race

package tfckpt_test

func init() { raceDetector = true }
