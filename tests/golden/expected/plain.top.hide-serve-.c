File: shop
Build ID: 0123abcd
Type: cpu
Time: 2023-11-14 22:13:20 UTC
Duration: 10s, Total samples = 110ms ( 1.10%)
Active filters:
   hide=serve\.c
Showing nodes accounting for 110ms, 100% of 110ms total
      flat  flat%   sum%        cum   cum%
      40ms 36.36% 36.36%       40ms 36.36%  idle
      30ms 27.27% 63.64%       30ms 27.27%  hash
      20ms 18.18% 81.82%       20ms 18.18%  allocate
      10ms  9.09% 90.91%      110ms   100%  main
      10ms  9.09%   100%       60ms 54.55%  work
