package tfckpt

import "time"

// SetTellEvery has [WithProgress] tell more often, until the function is called that it returns:
// the files of tests are read too quickly.
func SetTellEvery(interval time.Duration) (reset func()) {
	before := tellEvery
	tellEvery = interval
	return func() { tellEvery = before }
}
