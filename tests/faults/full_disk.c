/* Simulates a full disk while the file in FULL_DISK exists: a call that extends a file fails with ENOSPC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* Whether the disk is full and a write up to this end would extend the file. */
static int full(int fd, off_t end) {
	struct stat file;
	const char *flag = getenv("FULL_DISK");
	return flag && fd > 2 && !fstat(fd, &file) && S_ISREG(file.st_mode) && end > file.st_size && !access(flag, F_OK);
}

static off_t length(const struct iovec *parts, int count) {
	off_t sum = 0;
	for (int i = 0; i < count; i++)
		sum += parts[i].iov_len;
	return sum;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define NO_SPACE(result) do { errno = ENOSPC; return result; } while (0)

ssize_t write(int fd, const void *data, size_t size) {
	if (full(fd, lseek(fd, 0, SEEK_CUR) + (off_t)size))
		NO_SPACE(-1);
	return REAL(write)(fd, data, size);
}

#define PWRITE(name) \
	ssize_t name(int fd, const void *data, size_t size, off_t at) { \
		if (full(fd, at + (off_t)size)) \
			NO_SPACE(-1); \
		return REAL(name)(fd, data, size, at); \
	}
PWRITE(pwrite)
PWRITE(pwrite64)

#define PWRITEV(name) \
	ssize_t name(int fd, const struct iovec *parts, int count, off_t at) { \
		if (full(fd, at + length(parts, count))) \
			NO_SPACE(-1); \
		return REAL(name)(fd, parts, count, at); \
	}
PWRITEV(pwritev)
PWRITEV(pwritev64)

/* These functions return the error number. */
#define POSIX_FALLOCATE(name) \
	int name(int fd, off_t at, off_t size) { \
		return full(fd, at + size) ? ENOSPC : REAL(name)(fd, at, size); \
	}
POSIX_FALLOCATE(posix_fallocate)
POSIX_FALLOCATE(posix_fallocate64)
