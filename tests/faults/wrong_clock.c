/* Adds CLOCK_OFFSET_SECONDS to the time of day. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *time) {
	static __typeof__(&clock_gettime) real;
	if (!real)
		real = (__typeof__(real))dlsym(RTLD_NEXT, "clock_gettime");
	int failed = real(clock, time);
	const char *offset = getenv("CLOCK_OFFSET_SECONDS");
	if (!failed && clock == CLOCK_REALTIME && offset)
		time->tv_sec += atol(offset);
	return failed;
}
